--[[
Sizes of a board, or of a partition, with the memory of its keys as MEMORY USAGE reckons it from samples.
]]

local MEMORY_SAMPLES = 20
local SEASONS_SIZED = 100

local function memory_of(all)
  local bytes = 0
  for _, key in ipairs(all) do
    bytes = bytes + (redis.call('MEMORY', 'USAGE', key, 'SAMPLES', MEMORY_SAMPLES) or 0)
  end
  return bytes
end

-- Answers how many entries, distinct scores, hidden players and known requests there are, and the memory of all keys but
-- those of seasons.
function reads.sizes(keys)
  local prefix = string.sub(keys[4], 1, -2)
  local all = { prefix .. 'z', prefix .. 'f', prefix .. 'o', prefix .. 'x' }
  for _, key in ipairs(keys) do all[#all + 1] = key end
  for _, window in ipairs(windows.of(keys, redis.call('HGET', keys[4], 'settings'))) do
    all[#all + 1] = window.index
    all[#all + 1] = window.ends
  end
  return {
    redis.call('ZCARD', keys[1]), redis.call('ZCARD', keys[3]), redis.call('HLEN', keys[7]),
    redis.call('HLEN', keys[5]), memory_of(all),
  }
end

-- Arguments: name of the window, the start of a season or ''. Answers the last start of a bite of the seasons behind it,
-- empty at the end, and of each season that has entries when it begins, how many they are, and the memory of its keys.
function reads.season_sizes(keys, _, args, settings)
  local window = windows.named(windows.of(keys, redis.call('HGET', keys[4], 'settings') or settings), args[1])
  if not window then return { '', {} } end
  local least = args[2] == '' and '-inf' or '(' .. args[2]
  local found = redis.call('ZRANGEBYSCORE', window.index, least, '+inf', 'WITHSCORES', 'LIMIT', 0, SEASONS_SIZED)
  local told = {}
  for i = 2, #found, 2 do
    local from = whole(tonumber(found[i]))
    local board = window.prefix .. from .. ':'
    local entries = redis.call('ZCARD', board .. 'e')
    local bytes = memory_of({ board .. 'e', board .. 'p', board .. 'd', board .. 'h' })
    if entries > 0 or bytes > 0 then told[#told + 1] = { from, entries, bytes } end
  end
  return { #found == 2 * SEASONS_SIZED and whole(tonumber(found[#found])) or '', told }
end
