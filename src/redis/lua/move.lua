--[[
Giving one player's entries to another id, on a board and in its seasons, as domain/merge.ts and embedded/moderation/move.ts
do. Which boards a move has not reached yet is noted beside the list of names, as bans are:

    KEYS of the store  5 moves  HASH: an id of the move -> "micros {…}": since when, and what is to be done
                       9 moved  HASH: playerId -> who was moved to the player, each with the micros; as MessagePack

Where names are owned, a move is noted before anything is read: nobody gets a name of either player, see owners.lua. If
nobody knows the receiver, the names of the other one go along. Those are held first, and no board moves an entry with
another name; when all have moved, they are the receiver's.

A board that the move has reached has nothing under the old id any more: reached again it stays as it is.
]]

local MOVE_UNKNOWN = 'u'
local PLANNED_MICROS = 10000000

-- The name of a record as it is told: 'r' without one, 's' and the name.
function moves.told_name(record, width)
  local name = details_of(record, width)
  return name and 's' .. name or 'r'
end

-- What there is of a player: the record, and whether it is hidden.
function moves.side_of(work, id)
  local seen = redis.call('HGET', work.keys[2], id)
  if seen then return seen, false end
  local hidden = redis.call('HGET', work.keys[7], id)
  return hidden, hidden ~= false
end

-- What two records come to, either of which may be missing; nil if their sum is not exact.
function moves.merged_record(work, mode, one, other, known)
  local width = work.width
  if not one then return other end
  local name, metadata = details_of(one, width)
  if not other then
    if known ~= MOVE_UNKNOWN then name = given(known) end
    return record_of(string.sub(one, 1, width + 8), name, metadata)
  end
  local one_score, one_at = string.sub(one, 1, width), string.sub(one, width + 1, width + 8)
  local score, at = string.sub(other, 1, width), string.sub(other, width + 1, width + 8)
  local other_name, other_metadata = details_of(other, width)
  local is_sum = mode == 'increment'
  local is_first
  if is_sum then
    is_first = precedes(at, one_at)
    score = sum_of(work.shape, score, one_score)
    if not score then return nil end
  else
    is_first = precedes(one_score, score) or (one_score == score and precedes(one_at, at))
    if is_first then score = one_score end
  end
  if is_first then at = one_at end
  local first, second = other_metadata, metadata
  if is_first then first, second = metadata, other_metadata end
  return record_of(score .. at, other_name, first or (is_sum and second or nil))
end

-- What a player comes to who receives a record, and whether that is hidden; `asked.must_hide`: so is the player. The second
-- answer says why it cannot be. What is hidden beside something that is seen does not count.
function moves.planned(work, received, to, asked)
  local one, is_one_hidden = received[1], received[2]
  local other, is_other_hidden = moves.side_of(work, to)
  local is_hidden = asked.must_hide or (is_one_hidden and (not other or is_other_hidden))
  local counted = (is_hidden or not is_one_hidden) and one
  local counted_other = other and (is_hidden or not is_other_hidden) and other
  local record = moves.merged_record(work, moves.mode_of(work), counted, counted_other, asked.known)
  if not record then
    local head = work.width + 8
    return nil, { 'INEXACT', string.sub(one, 1, head), string.sub(other, 1, head) }
  end
  return {
    work = work, one = one, is_one_hidden = is_one_hidden, other = other, is_other_hidden = is_other_hidden,
    record = record, is_hidden = is_hidden,
  }
end

-- In which mode two entries become one.
function moves.mode_of(work)
  if not work.window then return work.mode end
  return work.window.is_gain and 'increment' or work.window.mode or work.board_mode
end

-- The board and its seasons that are reached.
function moves.places(work, too)
  local all = windows.reached(work, nil, too)
  for _, one in ipairs(all) do one.board_mode = work.mode end
  table.insert(all, 1, work)
  return all
end

-- Whether all of some names are among those of a text, a JSON list; '' if it does not matter.
function moves.are_held(text, names)
  if text == '' then return true end
  local held = {}
  for _, name in ipairs(cjson.decode(text)) do held[name] = true end
  for _, name in ipairs(names) do
    if not held[name] then return false end
  end
  return true
end

-- The same of all that the board and its seasons show of a player; nil or why nothing is moved.
function moves.unheld(work, id, text)
  if text ~= '' and not moves.are_held(text, people.shown(work, id)) then return { 'NAMES' } end
end

function moves.planned_moves(work, from, to, too, known)
  local plans = {}
  for _, one in ipairs(moves.places(work, too)) do
    local record, is_hidden = moves.side_of(one, from)
    if record then
      local plan, why = moves.planned(one, { record, is_hidden }, to, { known = known })
      if why then return nil, why end
      plans[#plans + 1] = plan
    end
  end
  return plans
end

function moves.receive(plan, to)
  local work, other = plan.work, plan.other
  if plan.is_hidden then return do_put(work, to, other, plan.record, true) end
  if plan.is_other_hidden then
    do_put(work, to, other, false, true)
    other = false
  end
  do_put(work, to, other, plan.record, false)
end

-- Whether any of some plans is of the board; of the seasons, windows and ids by turns.
function moves.told(plans)
  local is_on_board, seasons = 0, {}
  for _, plan in ipairs(plans) do
    local season = plan.work.season
    if season then
      seasons[#seasons + 1] = plan.work.window.name
      seasons[#seasons + 1] = season.id
    else
      is_on_board = 1
    end
  end
  return is_on_board, seasons
end

-- By which name a player is known here: on the board, and in the first season that knows the player.
function moves.known_names(work, id)
  local on_board = moves.side_of(work, id)
  local in_season
  for _, season in ipairs(not on_board and windows.reached(work, nil, true) or {}) do
    in_season = in_season or moves.side_of(season, id) or nil
  end
  return on_board and moves.told_name(on_board, work.width) or MOVE_UNKNOWN,
    in_season and moves.told_name(in_season, work.width) or MOVE_UNKNOWN
end

-- Arguments: '', or the id of the board in a partition; the two ids, whether sealed seasons are reached too. Answers
-- whether there is something to move, into how many partitions the board is divided, why it cannot be moved, the names
-- of the receiver, the mode of the board, and the heads of the two there. Nothing is changed.
function writes.plan_move(work, args)
  local from, to = args[11], args[12]
  if not work.id or is_other(work, args[10]) then return { 0, work.partitions, {} } end
  local is_from_banned, is_to_banned = bans.hides(work.keys, from), bans.hides(work.keys, to)
  local why = { 'BANNED', is_from_banned and from or to }
  local plans
  if not is_from_banned and not is_to_banned then
    plans, why = moves.planned_moves(work, from, to, args[13] == '1', MOVE_UNKNOWN)
  end
  local name, name_in_season = moves.known_names(work, to)
  local one, other = moves.side_of(work, from), moves.side_of(work, to)
  local head = work.width + 8
  return {
    plans and #plans or 0, work.partitions, why or {}, name, name_in_season, work.mode,
    one and string.sub(one, 1, head) or '', other and string.sub(other, 1, head) or '',
  }
end

-- Arguments: as plan_move, the name that the receiver is known by, names as moves.are_held(). Answers whether there was something to move on the
-- board, the partitions, why nothing was moved, and of the seasons windows and ids by turns.
function writes.move(work, args)
  local from, to = args[11], args[12]
  if not work.id or is_other(work, args[10]) then return { 0, work.partitions, {}, {} } end
  for _, id in ipairs({ from, to }) do
    if bans.hides(work.keys, id) then return { 0, work.partitions, { 'BANNED', id }, {} } end
  end
  local unheld = moves.unheld(work, from, args[15])
  if unheld then return { 0, work.partitions, unheld, {} } end
  local plans, why = moves.planned_moves(work, from, to, args[13] == '1', args[14])
  if not plans then return { 0, work.partitions, why, {} } end
  for _, plan in ipairs(plans) do
    do_put(plan.work, from, plan.one, false, plan.is_one_hidden)
    moves.receive(plan, to)
  end
  people.forget_unasked(work.keys, from)
  local is_on_board, seasons = moves.told(plans)
  return { is_on_board, work.partitions, {}, seasons }
end

-- Which of two players a ban of all boards hides; '' if there is none.
function moves.banned_of_two(keys, clock, from, to)
  if live_ban(keys, from, clock) then return from end
  if live_ban(keys, to, clock) then return to end
  return ''
end

-- The first move or erasure under way of which something holds, which is asked with its id and its two players, of an
-- erasure one: id, since when, what is to be done; and its players.
function moves.find(keys, holds)
  if redis.call('HLEN', keys[5]) == 0 then return nil end
  local all = redis.call('HGETALL', keys[5])
  for i = 1, #all, 2 do
    local since, asked = string.match(all[i + 1], '^(%d+) (.*)$')
    local noted = cjson.decode(asked)
    if holds(all[i], noted.from or noted.erased, noted.to) then return { all[i], since, asked }, noted end
  end
end

-- A move under way because of which a player does not get a name, or nil, as moves.find(); and whose the name is. `owner`
-- has the name, `move` gives it to somebody else; nil if there is none.
function moves.holding(keys, id, owner, move)
  if not owner then return nil end
  local found, noted = moves.find(keys, function(one, from, to)
    return one == move or (owner ~= id and (from == owner or to == owner))
  end)
  if not found then return nil end
  if found[1] ~= move then return found, owner end
  return found, id == noted.from and noted.to or noted.from
end

-- What is noted of a move or an erasure, or nil.
local function noted_move(keys, id)
  local text = redis.call('HGET', keys[5], id)
  return text and cjson.decode(string.match(text, '^%d+ (.*)$')) or nil
end

-- Whether a move is noted of which no board was told.
local function is_planned(keys, id)
  local noted = noted_move(keys, id)
  return noted ~= nil and noted.isPlanned == true
end

-- ARGV: now or '', the two ids, an id of the move, what is to be done, 1 if it is noted. Answers which of them is banned on
-- all boards or '', 1 if the one has a profile, the name of the other one's, the version of the move if names are owned and
-- it is noted from now on, or 0; and a move or an erasure of one of them that is to be ended first, as moves.find(), or
-- nothing.
local function movable(keys, args)
  local clock, from, to, version = clock_of(args[1]), args[2], args[3], 0
  local is_noted = is_planned(keys, args[4])
  local banned = moves.banned_of_two(keys, clock, from, to)
  local is_begun = args[6] == '0' and banned == '' and people.are_owned(keys)
  local other = is_begun and moves.find(keys, function(_, one, another)
    return one == from or one == to or another == from or another == to
  end)
  if is_noted or (is_begun and not other) then
    version = next_version(keys)
    redis.call('HSET', keys[5], args[4], whole(clock) .. ' ' .. args[5])
  end
  return { banned, people.has_profile(keys, from), people.name_of(keys, to), version, other or {} }
end

-- Who was moved to a player, and when.
function moves.to(keys, id)
  local value = redis.call('HGET', keys[9], id)
  return value and cmsgpack.unpack(value) or {}
end

-- ARGV: now or '', the two ids, an id of the move, what is to be done, 1 if it is noted. Answers which of them is banned, or
-- '': then the move is noted; or 0 if others have gone on with it.
local function begin_move(keys, args)
  local clock = clock_of(args[1])
  if args[6] == '1' and not is_planned(keys, args[4]) then return 0 end
  local banned = moves.banned_of_two(keys, clock, args[2], args[3])
  if banned ~= '' then return banned end
  redis.call('HSET', keys[5], args[4], whole(clock) .. ' ' .. args[5])
  local before = moves.to(keys, args[3])
  before[#before + 1] = { args[2], clock }
  redis.call('HSET', keys[9], args[3], cmsgpack.pack(before))
  return ''
end

-- ARGV: an id of a move that has reached all boards, or of an erasure; 'planned' to end it only if no board was told of it,
-- 'free' if names are not owned, else ''; folded names that boards show of the receiver. Answers as people.own_moved(), or
-- 0 if it is not ended.
local function end_move(keys, args)
  local noted, names = noted_move(keys, args[1]), {}
  if not noted then return {} end
  local is_left = args[2] == 'planned' and not noted.isPlanned or args[2] == 'free' and people.are_owned(keys)
  if is_left then return 0 end
  for i = 3, #args do names[#names + 1] = args[i] end
  local others = noted.from and people.own_moved(keys, args[1], noted, names) or {}
  redis.call('HDEL', keys[5], args[1])
  return others
end

-- No moves of a player that are only planned.
function moves.forget_planned(keys, id)
  local function is_of(one, from, to) return (from == id or to == id) and is_planned(keys, one) end
  local found = moves.find(keys, is_of)
  while found do
    redis.call('HDEL', keys[5], found[1])
    found = moves.find(keys, is_of)
  end
end

-- The moves that were begun by an instant: ids and what is to be done by turns. Those that are only planned leave nothing
-- half done: their callers are given time.
function moves.untold(keys, latest, clock)
  local all, found = redis.call('HGETALL', keys[5]), {}
  for i = 1, #all, 2 do
    local since, asked = string.match(all[i + 1], '^(%d+) (.*)$')
    local is_due = not cjson.decode(asked).isPlanned or tonumber(since) <= clock - PLANNED_MICROS
    if tonumber(since) <= latest and is_due then
      found[#found + 1] = all[i]
      found[#found + 1] = asked
    end
  end
  return found
end

redis.register_function('ladderdb_1_movable', movable)
redis.register_function('ladderdb_1_begin_move', begin_move)
redis.register_function('ladderdb_1_end_move', end_move)
