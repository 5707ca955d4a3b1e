--[[
Partitions of a board by player. Each is a board as above, in a slot of its own. In the slot that the board
would have by its name alone, its home, there are

    m  HASH: id, settings; of a board with windows what home.lua tells
    x  HASH: next_id, next_settings, next_since, while it is made; old_id, old_settings, while it is dropped; then
       dropped, an id, for an hour
    b  HASH: what was told of bans of all boards, as of any board: see bans.lua

A partition that was dropped keeps the id in m as `dropped`, for an hour too.

(4) An id is a time that rises. Entries are written only after home has the id, home has it only after all
partitions have, and a partition takes none that is not above all that it had: so nothing of a board outlives
its id, where a process stops half way or wakes up late.
]]

local DROPPED_SECONDS = 3600

-- Below each of some keys, and the rows above and from the last of them on: how many there are in all, how
-- many below each, members, records.
function reads.gather(keys, width, args)
  local counts = {}
  for i = 3, #args do counts[i - 2] = below(keys[1], args[i]) end
  local at = counts[#counts] or 0
  local first = math.max(0, at - tonumber(args[1]))
  local found = rows(keys, width, first, at - first + tonumber(args[2]), 'ordinal')
  return { found[1], counts, found[4], found[5] }
end

-- A bite of all ids.
function reads.ids(keys, width, args)
  local scan = redis.call('HSCAN', keys[2], args[1], 'COUNT', CHUNK)
  local ids = {}
  for i = 1, #scan[2], 2 do ids[#ids + 1] = scan[2][i] end
  return { scan[1], ids }
end

local function keep_dropped(key, id)
  redis.call('HSET', key, 'dropped', id)
  redis.call('EXPIRE', key, DROPPED_SECONDS)
end

-- A board with windows is made at one time, by the clock of its home, whatever the clocks of its partitions say.
local function note_since(key, settings, since)
  if has_windows(settings) and since ~= '' then redis.call('HSET', key, 'since', since, 'present', since) end
end

-- KEYS of the home. ARGV: settings, now or '', the latest time that the caller was answered. Answers what state the board
-- is in, its id and its settings, and when it was made.
local function found_board(keys, args)
  local meta, state, settings = keys[1], keys[2], args[1]
  local found = redis.call('HMGET', meta, 'id', 'settings')
  if found[1] then return { 'ready', found[1], found[2] } end
  local there = redis.call(
    'HMGET', state, 'next_id', 'next_settings', 'old_id', 'old_settings', 'dropped', 'next_since')
  if there[3] then return { 'old', there[3], there[4] } end
  if there[1] and there[2] == settings then return { 'next', there[1], settings, there[6] or '' } end
  local time = redis.call('TIME')
  local micros = tonumber(time[1]) * 1000000 + tonumber(time[2])
  local last = math.max(tonumber(there[1] or '0'), tonumber(there[5] or '0'))
  local id = string.format('%016.0f', math.max(micros, last + 1))
  local since = whole(math.max(tonumber(args[2]) or micros, tonumber(args[3]) or 0))
  redis.call('DEL', state)
  redis.call('HSET', state, 'next_id', id, 'next_settings', settings, 'next_since', since)
  return { 'next', id, settings, since }
end

-- KEYS of a partition. ARGV: settings, id, when the board was made. Answers 0 if the id is an old one.
local function begin_partition(keys, args)
  local settings, id = args[1], args[2]
  local found = redis.call('HMGET', keys[4], 'id', 'dropped')
  if found[1] == id then return 1 end
  local newest = found[1] or found[2]
  if newest and not precedes(newest, id) then return 0 end
  rules.drop(keys)
  windows.drop(keys)
  redis.call('UNLINK', moves.across_key(keys), unpack(keys))
  redis.call('HSET', keys[4], 'id', id, 'settings', settings, 'full', '0')
  note_since(keys[4], settings, args[3] or '')
  return 1
end

-- KEYS of the home. ARGV: id, how often the home had been told of bans when the partitions were told. Answers 0 if
-- somebody else makes the board, or has made or dropped it, or if there is more to tell.
local function ready_board(keys, args)
  local meta, state, id = keys[1], keys[2], args[1]
  local found = redis.call('HGET', meta, 'id')
  if found then return found == id and 1 or 0 end
  local there = redis.call('HMGET', state, 'next_id', 'next_settings', 'next_since')
  if there[1] ~= id then return 0 end
  if (redis.call('HGET', keys[3], '#') or '0') ~= args[2] then return 0 end
  redis.call('DEL', state)
  redis.call('HSET', meta, 'id', id, 'settings', there[2])
  note_since(meta, there[2], there[3] or '')
  return 1
end

-- KEYS of the home. Answers id and settings of a board whose partitions are to end; false if there is none.
local function end_board(keys)
  local meta, state = keys[1], keys[2]
  local found = redis.call('HMGET', meta, 'id', 'settings')
  if found[1] then
    windows.drop({ [4] = meta })
    redis.call('DEL', meta, state)
    redis.call('HSET', state, 'old_id', found[1], 'old_settings', found[2])
    return found
  end
  local there = redis.call('HMGET', state, 'old_id', 'old_settings')
  return there[1] and there
end

-- Bans of all boards that a partition knows more of than the home does: that they follow one which reached sealed seasons.
local function handed_bans(keys)
  local found = {}
  for _, one in ipairs(bans.keep_of_all(keys)) do
    local letter = one[2].letter
    if letter == 'S' or letter == 'L' then
      for _, part in ipairs({ one[1], whole(one[2].version), letter }) do found[#found + 1] = part end
    end
  end
  return found
end

-- KEYS of a partition. ARGV: id. Answers by turns fields of bans, their versions and their letters.
local function end_partition(keys, args)
  local newest = redis.call('HGET', keys[4], 'id')
  if newest and precedes(args[1], newest) then return {} end
  local handed = handed_bans(keys)
  rules.drop(keys)
  windows.drop(keys)
  redis.call('UNLINK', shared.key(keys), moves.across_key(keys), unpack(keys))
  keep_dropped(keys[4], args[1])
  return handed
end

-- KEYS of the home. ARGV: id, and what the partitions answered.
local function ended_board(keys, args)
  local state, of_home = keys[2], { [8] = keys[3] }
  for at = 2, #args, 3 do
    local ban = bans.read(of_home, args[at])
    if ban and whole(ban.version) == args[at + 1] then
      ban.letter = args[at + 2]
      bans.put(of_home, args[at], ban)
    end
  end
  if redis.call('HGET', state, 'old_id') ~= args[1] then return 0 end
  redis.call('DEL', state)
  keep_dropped(state, args[1])
  return 1
end

redis.register_function('ladderdb_1_found_board', found_board)
redis.register_function('ladderdb_1_begin_partition', begin_partition)
redis.register_function('ladderdb_1_ready_board', ready_board)
redis.register_function('ladderdb_1_end_board', end_board)
redis.register_function('ladderdb_1_end_partition', end_partition)
redis.register_function('ladderdb_1_ended_board', ended_board)
