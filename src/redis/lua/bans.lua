--[[
Bans: who is banned here has no entry, no record and no score among the others, and so no question knows of bans.

    KEYS  7 h  HASH: playerId -> record, as in p: players whom a ban hides
          8 b  HASH: '1' playerId -> a ban of this board; '0' playerId -> what this board knows of a ban of all
               boards; '' -> the earliest end, in microseconds; '#' -> how often it was told of bans while there
               was no board
    A ban is "version letter since until notes"; letter: r refuses submits, k keeps them unseen; R and K reach sealed
    seasons too, S and L come after a ban that did; - is lifted; until: 0 without an end; notes: JSON of reason
    and actor.

A ban reaches the board and those of its seasons that are not sealed; so does its end, as of the time at which it ends.

All bans of all boards lie in a slot of their own, beside the list of names: see the end. Each alteration there has
a version, is told to every board that was ever named, and overrides older ones only: so boards may be told late, or
in another order. A board that was never named is told all of them before it is made. What is not yet told to all is
noted there: if its caller was stopped half way, the next who checks tells it, or who bans or lifts a ban some
seconds later.

Of a board in partitions the home is told first, whether the board is there or not; it says where its partitions
lie, and then the one of the player is told, under the id of the board. The maker of the board tells each partition
what the home knows, and the home has it made only if it was told of nothing meanwhile.

(6) A player in h of a board has a ban in b, and no entry. (7) A player with an entry has no ban in b that holds.
]]

local LIFTED_MICROS = 3600000000
local KIND_OF = { R = 'r', S = 'r', K = 'k', L = 'k' }
local AFTER_SEALED = { r = 'S', k = 'L' }

local function is_sealed_too(letter)
  return letter == 'R' or letter == 'K'
end

-- The letter of a ban that follows another one.
local function letter_after(before, letter)
  if before and KIND_OF[before.letter] then return AFTER_SEALED[letter] or letter end
  return letter
end

function bans.parse(value)
  local version, letter, since, ends, notes = string.match(value, '^(%d+) ([rkRKSL%-]) (%d+) (%d+) (.*)$')
  return {
    version = tonumber(version), letter = letter, kind = KIND_OF[letter] or letter,
    since = since, ends = tonumber(ends), notes = notes,
  }
end

function bans.read(keys, field)
  local value = redis.call('HGET', keys[8], field)
  return value and bans.parse(value)
end

-- The bans that hold for a player here: whether one refuses submits, whether there is one, when it ends.
function bans.of(keys, id)
  local refuses, holds, ends = false, false, 0
  for _, value in ipairs(redis.call('HMGET', keys[8], '0' .. id, '1' .. id)) do
    local ban = value and bans.parse(value)
    if ban and ban.kind ~= '-' then
      if ban.kind == 'r' and not refuses then refuses, ends = true, ban.ends end
      holds = true
    end
  end
  return refuses, holds, ends
end

function bans.each(keys, work)
  local all = redis.call('HGETALL', keys[8])
  for i = 1, #all, 2 do
    if string.find(all[i], '^[01]') then work(all[i], bans.parse(all[i + 1])) end
  end
end

function bans.note_end(keys)
  local first
  bans.each(keys, function(_, ban)
    if ban.kind ~= '-' and ban.ends > 0 and (not first or ban.ends < first) then first = ban.ends end
  end)
  if first then redis.call('HSET', keys[8], '', whole(first)) else redis.call('HDEL', keys[8], '') end
end

function bans.put(keys, field, ban)
  local value = whole(ban.version) .. ' ' .. ban.letter .. ' ' .. ban.since .. ' ' .. whole(ban.ends)
  redis.call('HSET', keys[8], field, value .. ' ' .. ban.notes)
end

local function hide_one(work, id)
  local record = redis.call('HGET', work.keys[2], id)
  if not record then return 0 end
  put(work.keys, work.width, id, record, false)
  redis.call('HSET', work.keys[7], id, record)
  return 1
end

-- Takes a player out of sight; with `too` in sealed seasons as well. Answers whether there was an entry on the board,
-- and windows and ids of seasons by turns.
function bans.hide(work, id, too)
  local seasons, taken = {}, windows.taken(work, id)
  for _, one in ipairs(windows.reached(work, nil, too)) do
    if hide_one(one, id) == 1 then
      seasons[#seasons + 1] = one.window.name
      seasons[#seasons + 1] = one.season.id
    end
    if one.is_over and redis.call('HEXISTS', one.keys[7], id) == 1 then taken[windows.name(one)] = true end
  end
  if too and #work.windows > 0 then windows.take(work, id, taken) end
  return hide_one(work, id), seasons
end

local function show_one(work, id)
  local keys = work.keys
  local record = redis.call('HGET', keys[7], id)
  if not record then return end
  redis.call('HDEL', keys[7], id)
  if not has_room(work, string.sub(record, 1, work.width + 8) .. id) then return end
  put(keys, work.width, id, false, record)
  remove_surplus(work)
end

-- Gives a player the places back, unless another ban holds, or a full board has none: also in sealed seasons that the
-- ban had taken, or with `too` in all.
function bans.show(work, id, as_of, too)
  local _, holds = bans.of(work.keys, id)
  if holds then return end
  show_one(work, id)
  local taken = windows.taken(work, id)
  local is_any = next(taken) ~= nil
  for _, one in ipairs(windows.reached(work, as_of, too or is_any)) do
    if not one.is_over or too or taken[windows.name(one)] then show_one(one, id) end
  end
  if is_any then windows.take(work, id, {}) end
end

-- What one ban took from sealed seasons, the end of the last one that holds gives back: so that one tells of it.
local function hand_on(keys, lifted, field)
  local ban = KIND_OF[lifted.letter] and bans.read(keys, field)
  if not ban or not AFTER_SEALED[ban.letter] then return end
  ban.letter = AFTER_SEALED[ban.letter]
  bans.put(keys, field, ban)
end

local function other_field(field)
  return (string.sub(field, 1, 1) == '0' and '1' or '0') .. string.sub(field, 2)
end

-- Ends the bans whose time has come, before a change.
function bans.end_due(work)
  local keys = work.keys
  local first = redis.call('HGET', keys[8], '')
  if not first or tonumber(first) > work.clock then return end
  local due, last = {}, {}
  bans.each(keys, function(field, ban)
    if ban.kind ~= '-' and ban.ends > 0 and ban.ends <= work.clock then
      local id = string.sub(field, 2)
      due[#due + 1] = { field = field, ban = ban }
      last[id] = math.max(last[id] or 0, ban.ends)
    end
  end)
  for _, one in ipairs(due) do redis.call('HDEL', keys[8], one.field) end
  for _, one in ipairs(due) do
    local id = string.sub(one.field, 2)
    hand_on(keys, one.ban, other_field(one.field))
    bans.show(work, id, last[id])
  end
  bans.note_end(keys)
  -- It stands, whatever becomes of the change.
  redis.call('HINCRBY', keys[4], 'seq', 1)
  work.done = {}
end

-- Looks for a submit that a ban refuses or that comes while nothing is taken, or a request id that was used for another:
-- nothing is changed yet. Of a list they are told before any refusal of a submit in front of them.
function bans.refused(work, ones)
  local is_any, is_closed = redis.call('EXISTS', work.keys[8]) == 1, rules.closed(work) ~= nil
  if not is_any and not is_closed and not work.is_list then return nil end
  local seen = {}
  for i, one in ipairs(ones) do
    local answer, is_other = requests.answer(work, one)
    if is_other then return refusal('REQUEST_REUSED', i - 1) end
    local is_again = one.request ~= '' and seen[one.request]
    if one.request ~= '' then seen[one.request] = true end
    local is_new = not answer and not is_again
    if is_closed and is_new then return rules.closed(work, i - 1) end
    if is_any and is_new then
      local refuses, _, ends = bans.of(work.keys, one.id)
      if refuses then return refusal('BANNED', i - 1, whole(ends)) end
    end
  end
end

function bans.hides(keys, id)
  local _, holds = bans.of(keys, id)
  return holds
end

-- The submit of a player whom nobody is to see: it counts, and shows nowhere.
function bans.make(work, plan)
  if plan.record ~= plan.old then do_put(work, plan.one.id, plan.old, plan.record, true) end
  local now = string.sub(plan.record, 1, work.width + 8)
  local outcome = plan.moves and 'moves' or 'stays'
  return { outcome, now, plan.head, false, false, 0, false, passed_mode(work), 0 }
end

-- Returns what was hidden of a player, and the rank that the player would have come back to.
function bans.remove(work, id)
  local keys = work.keys
  local record = redis.call('HGET', keys[7], id)
  if not record then return { false, 0 } end
  redis.call('HDEL', keys[7], id)
  return { record, below(keys[1], string.sub(record, 1, work.width + 8) .. id) + 1 }
end

-- What survives a drop: the name may be given to a new board.
function bans.keep_of_all(keys)
  local kept = {}
  bans.each(keys, function(field, ban)
    if string.sub(field, 1, 1) == '0' then kept[#kept + 1] = { field, ban } end
  end)
  return kept
end

local function is_over(work, ends)
  return ends > 0 and ends <= work.clock
end

-- Takes a ban of all boards, unless something newer is known.
local function learn(work, id, ban)
  local keys, field = work.keys, '0' .. id
  local before = bans.read(keys, field)
  local is_old = before and before.version >= ban.version or bans.is_erased(keys, id, ban.version)
  if is_old or is_over(work, ban.ends) then return 0, {} end
  -- A ban of this board may have handed on to the one before what the caller does not know of.
  ban.letter = letter_after(before, ban.letter)
  bans.put(keys, field, ban)
  local left, seasons = bans.hide(work, id, is_sealed_too(ban.letter))
  return left, seasons, ban.letter
end

-- Whether a partition belongs to another incarnation of the board than the one whose id the caller was told.
local function is_other(work, id)
  return id ~= '' and work.id ~= id
end

-- The maker of a board, if it is made meanwhile, sees it.
local function note_told(work)
  if not work.id then redis.call('HINCRBY', work.keys[8], '#', 1) end
end

-- Arguments: '', or the id of the board in a partition; then playerId, ban, of all boards. Answers how many of them
-- had an entry here, how many partitions the board has, and of the last one windows and ids of seasons by turns, and
-- the letter, '' for a ban that is not taken.
function writes.learn(work, args)
  local left, seasons, letter = 0, {}, ''
  if is_other(work, args[10]) then return { left, work.partitions, seasons } end
  for i = 11, #args, 2 do
    local count
    count, seasons, letter = learn(work, args[i], bans.parse(args[i + 1]))
    left = left + count
  end
  bans.note_end(work.keys)
  note_told(work)
  return { left, work.partitions, seasons, letter or '' }
end

-- Arguments: playerId, version, letter, until, notes. Answers whether there was an entry, the ban, windows and ids of
-- seasons by turns.
function writes.ban(work, args)
  if not work.id then return nil, refusal('NO_BOARD') end
  local keys, id, field = work.keys, args[10], '1' .. args[10]
  local before = bans.read(keys, field)
  local since = before and before.since or whole(math.max(work.clock, work.last))
  local letter = letter_after(before, args[12])
  local ban = {
    version = tonumber(args[11]), letter = letter, since = since, ends = tonumber(args[13]), notes = args[14],
  }
  bans.put(keys, field, ban)
  bans.note_end(keys)
  local left, seasons = bans.hide(work, id, is_sealed_too(letter))
  return { left, redis.call('HGET', keys[8], field), seasons }
end

-- Arguments: playerId, the version from which on none of the older bans holds, or 0 to lift that of this board; '', or
-- the id of the board in a partition; whether sealed seasons are reached too. Answers whether there was one here, and how
-- many partitions the board has.
function writes.unban(work, args)
  local keys, id, version = work.keys, args[10], tonumber(args[11])
  if is_other(work, args[12]) then return { 0, work.partitions } end
  local here = bans.read(keys, '1' .. id)
  local is_lifted = here and (version == 0 or here.version < version)
  -- Who was not banned comes back to nothing: what a ban of before left in sealed seasons stays there.
  local shows = is_lifted
  if is_lifted then
    redis.call('HDEL', keys[8], '1' .. id)
    hand_on(keys, here, '0' .. id)
  end
  if version > 0 then
    note_told(work)
    local before = bans.read(keys, '0' .. id)
    if not before or before.version < version then
      local lifted = { version = version, letter = '-', since = whole(work.clock), ends = 0, notes = '' }
      bans.put(keys, '0' .. id, lifted)
      if before then
        shows = shows or before.kind ~= '-'
        hand_on(keys, before, '1' .. id)
      end
    end
    -- Who is told as late as this is told no more.
    bans.each(keys, function(field, ban)
      if ban.kind == '-' and tonumber(ban.since) < work.clock - LIFTED_MICROS then
        redis.call('HDEL', keys[8], field)
      end
    end)
  end
  if shows then bans.show(work, id, nil, args[13] == '1') end
  bans.note_end(keys)
  return { is_lifted and 1 or 0, work.partitions }
end

-- The ids and bans of fields that begin with a mark.
local function marked(keys, mark)
  local found = {}
  bans.each(keys, function(field)
    if string.sub(field, 1, 1) == mark then
      found[#found + 1] = string.sub(field, 2)
      found[#found + 1] = redis.call('HGET', keys[8], field)
    end
  end)
  return found
end

-- Answers the bans of this board, and of those of all boards the ids and versions to which one of them handed on what
-- it took from sealed seasons.
function reads.bans(keys)
  local handed = {}
  bans.each(keys, function(field, ban)
    if string.sub(field, 1, 1) == '0' and (ban.letter == 'S' or ban.letter == 'L') then
      handed[#handed + 1] = string.sub(field, 2)
      handed[#handed + 1] = whole(ban.version)
    end
  end)
  return { marked(keys, '1'), handed }
end

-- What partitions of a board that is made are to be told: how often its home was told, ids of players and bans, the
-- settings of the store, and the last version of a profile.
function reads.told(keys)
  local told = redis.call('HMGET', shared.key(keys), 'settings', 'people')
  return { redis.call('HGET', keys[8], '#') or '0', marked(keys, '0'), told[1] or '', told[2] or '' }
end

-- A bite of a check, as those of ladderdb_1.lua.
function reads.check_hidden(keys, _, args)
  local scan = redis.call('HSCAN', keys[7], args[1], 'COUNT', CHUNK)
  local findings = {}
  for i = 1, #scan[2], 2 do
    local id = scan[2][i]
    if redis.call('HEXISTS', keys[2], id) == 1 or not bans.hides(keys, id) then
      findings[#findings + 1] = { 6, id }
    end
  end
  return { scan[1], #scan[2] / 2, findings }
end

--[[
KEYS  1 names   HASH: the names of all boards, and of some that were
      2 bans    HASH: playerId -> a ban of all boards; '' -> the last version
      3 untold  HASH: playerId -> "b version micros", "u version micros" or "U version micros": a ban, an unban, or one
                that reaches sealed seasons too, that not all boards are told of, and since when
]]

local function next_version(keys)
  return redis.call('HINCRBY', keys[2], '', 1)
end

local function clock_of(now)
  if now ~= '' then return tonumber(now) end
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000000 + tonumber(time[2])
end

local function live_ban(keys, id, clock)
  local value = redis.call('HGET', keys[2], id)
  local ban = value and bans.parse(value)
  if ban and not (ban.ends > 0 and ban.ends <= clock) then return ban end
end

-- ARGV: name, now or ''. Answers all bans that hold and what else of the store a board of the name is to be told before
-- it is made.
local function claim(keys, args)
  redis.call('HSETNX', keys[1], args[1], '1')
  local clock, all, found = clock_of(args[2]), redis.call('HGETALL', keys[2]), {}
  for i = 1, #all, 2 do
    local id, value = all[i], all[i + 1]
    if id ~= '' and not live_ban(keys, id, clock) then
      redis.call('HDEL', keys[2], id)
    elseif id ~= '' then
      found[#found + 1] = id
      found[#found + 1] = value
    end
  end
  return { found, shared.text(keys), people.version(keys) }
end

-- Answers the version of a ban of one board, which an earlier unban of all boards does not lift, as late as it comes.
local function ban_version(keys)
  return next_version(keys)
end

-- ARGV: now or '', the latest time that the caller was answered, playerId, letter, until, notes. Answers the ban, its
-- version, and the names of those who are to be told of it.
local function ban_all(keys, args)
  local clock, id = clock_of(args[1]), args[3]
  local before = live_ban(keys, id, clock)
  local since = before and before.since or whole(math.max(clock, tonumber(args[2])))
  local version = next_version(keys)
  local letter = letter_after(before, args[4])
  local value = whole(version) .. ' ' .. letter .. ' ' .. since .. ' ' .. args[5] .. ' ' .. args[6]
  redis.call('HSET', keys[2], id, value)
  redis.call('HSET', keys[3], id, 'b ' .. whole(version) .. ' ' .. whole(clock))
  return { value, version, redis.call('HKEYS', keys[1]) }
end

-- ARGV: now or '', playerId, whether sealed seasons are reached too. Answers whether there was a ban, the version, and
-- the names.
local function unban_all(keys, args)
  local clock = clock_of(args[1])
  local ban = live_ban(keys, args[2], clock)
  local version = next_version(keys)
  redis.call('HDEL', keys[2], args[2])
  local letter = args[3] == '1' and 'U ' or 'u '
  redis.call('HSET', keys[3], args[2], letter .. whole(version) .. ' ' .. whole(clock))
  return { ban and 1 or 0, version, redis.call('HKEYS', keys[1]) }
end

-- ARGV: playerId, version. Nobody is to be told of it any more.
local function told(keys, args)
  local noted = redis.call('HGET', keys[3], args[1])
  if noted and string.match(noted, ' (%d+) ') == args[2] then redis.call('HDEL', keys[3], args[1]) end
  return 1
end

-- ARGV: now or '', for how many microseconds not all boards are told. Answers of what: playerId, version, kind, ban,
-- or '' if there is none; the names; the settings of the store, if not all boards are told of them; moves; and of names
-- and profiles of which not all are told, as people.untold().
local function untold(keys, args)
  local all, found = redis.call('HGETALL', keys[3]), {}
  local clock = clock_of(args[1])
  local latest = clock - tonumber(args[2])
  for i = 1, #all, 2 do
    local id, kind, version, since = all[i], string.match(all[i + 1], '^([buU]) (%d+) (%d+)$')
    local ban = kind == 'b' and redis.call('HGET', keys[2], id)
    if tonumber(since) <= latest then found[#found + 1] = { id, tonumber(version), kind, ban or '' } end
  end
  local settings = shared.untold(keys, latest)
  local names, submits, gone = people.untold(keys, latest)
  local is_any = #found + #gone > 0 or settings ~= ''
  local boards = is_any and redis.call('HKEYS', keys[1]) or {}
  local unformed = people.unformed(keys, latest)
  return { found, boards, settings, moves.untold(keys, latest, clock), names, submits, gone, unformed }
end

-- Answers all bans, and the names of all boards, of those that were too.
local function all_bans(keys)
  return { redis.call('HGETALL', keys[2]), redis.call('HKEYS', keys[1]) }
end

redis.register_function('ladderdb_1_claim', claim)
redis.register_function('ladderdb_1_ban_all', ban_all)
redis.register_function('ladderdb_1_unban_all', unban_all)
redis.register_function('ladderdb_1_ban_version', ban_version)
redis.register_function('ladderdb_1_told', told)
redis.register_function { function_name = 'ladderdb_1_untold', callback = untold, flags = { 'no-writes' } }
redis.register_function { function_name = 'ladderdb_1_all_bans', callback = all_bans, flags = { 'no-writes' } }
