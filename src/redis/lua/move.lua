--[[
Giving one player's entries to another id, on a board and in its seasons, as domain/merge.ts and embedded/moderation/move.ts
do. Which boards a move has not reached yet is noted beside the list of names, as bans are:

    KEYS of the store  5 moves  HASH: an id of the move -> "micros {…}": since when, and what is to be done
                       9 moved  HASH: playerId -> who was moved to the player, each with the micros; as MessagePack

A board that the move has reached has nothing under the old id any more: reached again it stays as it is.
]]

local MOVE_UNKNOWN = 'u'

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

-- Arguments: as plan_move, and the name that the receiver is known by. Answers whether there was something to move on the
-- board, the partitions, why nothing was moved, and of the seasons windows and ids by turns.
function writes.move(work, args)
  local from, to = args[11], args[12]
  if not work.id or is_other(work, args[10]) then return { 0, work.partitions, {}, {} } end
  for _, id in ipairs({ from, to }) do
    if bans.hides(work.keys, id) then return { 0, work.partitions, { 'BANNED', id }, {} } end
  end
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

-- ARGV: now or '', the two ids. Answers which of them is banned on all boards or '', the names of all boards, 1 if the one
-- has a profile, the name of the other one's, and 1 if names are owned.
local function movable(keys, args)
  return {
    moves.banned_of_two(keys, clock_of(args[1]), args[2], args[3]), redis.call('HKEYS', keys[1]),
    people.has_profile(keys, args[2]), people.name_of(keys, args[3]), people.are_owned(keys) and 1 or 0,
  }
end

-- Who was moved to a player, and when.
function moves.to(keys, id)
  local value = redis.call('HGET', keys[9], id)
  return value and cmsgpack.unpack(value) or {}
end

-- ARGV: now or '', the two ids, an id of the move, what is to be done. Answers which of them is banned, or '': then the
-- move is noted.
local function begin_move(keys, args)
  local clock = clock_of(args[1])
  local banned = moves.banned_of_two(keys, clock, args[2], args[3])
  if banned ~= '' then return banned end
  redis.call('HSET', keys[5], args[4], whole(clock) .. ' ' .. args[5])
  local before = moves.to(keys, args[3])
  before[#before + 1] = { args[2], clock }
  redis.call('HSET', keys[9], args[3], cmsgpack.pack(before))
  return ''
end

-- ARGV: an id of a move that has reached all boards.
local function end_move(keys, args)
  return redis.call('HDEL', keys[5], args[1])
end

-- The moves that were begun by an instant: ids and what is to be done by turns.
function moves.untold(keys, latest)
  local all, found = redis.call('HGETALL', keys[5]), {}
  for i = 1, #all, 2 do
    local since, asked = string.match(all[i + 1], '^(%d+) (.*)$')
    if tonumber(since) <= latest then
      found[#found + 1] = all[i]
      found[#found + 1] = asked
    end
  end
  return found
end

redis.register_function { function_name = 'ladderdb_1_movable', callback = movable, flags = { 'no-writes' } }
redis.register_function('ladderdb_1_begin_move', begin_move)
redis.register_function('ladderdb_1_end_move', end_move)
