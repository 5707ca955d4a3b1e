--[[
What holds for the whole store, and what each slot of a board was told of it.

    KEYS of the store  1 names, 2 bans, 3 untold: see bans.lua
      4 settings  HASH: 'version'; 'requestDays', 'requestCount' and 'writes', if they are not the usual ones; 'untold':
                  since when not all boards are told, in microseconds

    beside m      o  HASH: settings -> "version milliseconds count closed": how long ids of requests are known, how many of
                  them, and 1 if nothing is taken; it stays where a board is dropped, as its name may be given again
    in m          store: the same of a board that is there, so that a change reads it with the rest

Each alteration has a version, is told to every board that was ever named, and overrides older ones only. A board that was
never named is told all before it is made. Of a board in partitions the home is told first, as of bans.
]]

-- The whole library is one chunk, which has 200 locals at most: those of this file end with it.
do

local SHARED_USUAL = { request_ms = 86400000, request_count = 1000000, is_closed = false }
local SHARED_NOTHING = '0 86400000 1000000 0'

function shared.key(keys)
  return string.sub(keys[4], 1, -2) .. 'o'
end

-- What a slot goes by; `text` is of a board that is there.
function shared.of(keys, id, text)
  text = text or not id and redis.call('HGET', shared.key(keys), 'settings')
  if not text then return SHARED_USUAL end
  local _, ms, count, closed = string.match(text, '^(%d+) (%S+) (%d+) ([01])$')
  return { request_ms = tonumber(ms), request_count = tonumber(count), is_closed = closed == '1', text = text }
end

-- A board that is made knows what its slot was told before.
function shared.note(work)
  if work.store.text then redis.call('HSET', work.keys[4], 'store', work.store.text) end
end

-- Whether a player is known on the board or in seasons that a change reaches.
function shared.knows(work, id, too)
  local keys = work.keys
  local known = redis.call('HEXISTS', keys[2], id) == 1 or redis.call('HEXISTS', keys[7], id) == 1
  for _, season in ipairs(known and {} or windows.reached(work, nil, too)) do
    known = known or shared.knows(season, id, false)
  end
  return known
end

-- Arguments: '', or the id of the board in a partition; the text. Answers as `learn`.
function writes.learn_store(work, args)
  if is_other(work, args[10]) then return { 0, work.partitions } end
  local keys, text = work.keys, args[11]
  local before = redis.call('HGET', shared.key(keys), 'settings') or SHARED_NOTHING
  if tonumber(string.match(before, '^%d+')) > tonumber(string.match(text, '^%d+')) then text = before end
  redis.call('HSET', shared.key(keys), 'settings', text)
  if work.id then redis.call('HSET', keys[4], 'store', text) end
  note_told(work)
  return { 0, work.partitions }
end

-- What boards are told of the settings; '' if they were never altered.
function shared.text(keys)
  local found = redis.call('HMGET', keys[4], 'version', 'requestDays', 'requestCount', 'writes')
  if not found[1] then return '' end
  local ms = found[2] and string.format('%.17g', tonumber(found[2]) * 86400000) or whole(SHARED_USUAL.request_ms)
  local count = found[3] or whole(SHARED_USUAL.request_count)
  return found[1] .. ' ' .. ms .. ' ' .. count .. ' ' .. (found[4] == 'closed' and '1' or '0')
end

-- The same if not all boards are told of it since then, else ''.
function shared.untold(keys, latest)
  local since = redis.call('HGET', keys[4], 'untold')
  return since and tonumber(since) <= latest and shared.text(keys) or ''
end

local function store_settings(keys)
  return redis.call('HGETALL', keys[4])
end

-- ARGV: now or '', names of settings and values by turns, '' for the usual one. Answers all that hold, and if not all
-- boards are told of them what that is, and their names.
local function alter_store(keys, args)
  local is_altered = false
  for i = 2, #args, 2 do
    local before = redis.call('HGET', keys[4], args[i]) or ''
    if before ~= args[i + 1] then
      is_altered = true
      if args[i + 1] == '' then redis.call('HDEL', keys[4], args[i]) else redis.call('HSET', keys[4], args[i], args[i + 1]) end
    end
  end
  if is_altered then
    redis.call('HSET', keys[4], 'version', whole(next_version(keys)), 'untold', whole(clock_of(args[1])))
  elseif redis.call('HEXISTS', keys[4], 'untold') == 0 then
    return { redis.call('HGETALL', keys[4]), '', {} }
  end
  return { redis.call('HGETALL', keys[4]), shared.text(keys), redis.call('HKEYS', keys[1]) }
end

-- ARGV: what all boards were told.
local function told_store(keys, args)
  if shared.text(keys) == args[1] then redis.call('HDEL', keys[4], 'untold') end
  return 1
end

redis.register_function { function_name = 'ladderdb_1_store_settings', callback = store_settings, flags = { 'no-writes' } }
redis.register_function('ladderdb_1_alter_store', alter_store)
redis.register_function('ladderdb_1_told_store', told_store)

end
