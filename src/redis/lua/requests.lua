--[[
Submits under an id of their caller: made once, answered the same again.

    KEYS  5 r  HASH: request id -> number, milliseconds, digest of the arguments, answer, what a partition was told
               of the others or false, playerId; as MessagePack
          6 q  LIST: "number milliseconds id", the oldest first

In a partition an id has that of its player in front, so that it means the same wherever that player lies.

An id is forgotten by its age or by the number of those after it, as the settings of the store say (shared.lua), whether
its record is still there or not. Records go a little later: each change that keeps some looks at a few of the oldest.
]]

local REQUEST_LOOKS = 3

function requests.next(work)
  if not work.next_request then
    work.next_request = tonumber(redis.call('HGET', work.keys[4], 'requests') or '1')
  end
  return work.next_request
end

function requests.is_forgotten(work, number, ms)
  return math.floor(work.clock / 1000) - ms >= work.store.request_ms
    or number < requests.next(work) - work.store.request_count
end

-- What is kept under an id: its digest, answer and what was told; or nil.
function requests.find(work, id)
  local made = work.requests[id]
  if made then return made.digest, made.answer end
  local value = redis.call('HGET', work.keys[5], id)
  if not value then return nil end
  local number, ms, digest, answer, told = unpack(cmsgpack.unpack(value))
  if requests.is_forgotten(work, number, ms) then return nil end
  return digest, answer, told
end

-- The first answer of a submit that was made before; or nil, and true if its id was used for another one.
function requests.answer(work, one)
  if one.request == '' then return nil, false end
  local digest, answer, told = requests.find(work, one.request)
  if not digest then return nil, false end
  if digest ~= one.digest then return nil, true end
  local again = { unpack(answer) }
  again[SUBMIT_REPEATED] = 1
  if told then again[SUBMIT_REPEATED + 1] = told end
  return again, false
end

-- Whether a list under one id is the one that was made under it, or none was; `beyond` is the id behind its last.
function requests.is_same_list(work, ones, beyond)
  local known = 0
  for _, one in ipairs(ones) do
    local answer, is_other = requests.answer(work, one)
    if is_other then return false end
    if answer then known = known + 1 end
  end
  return known == 0 or (known == #ones and not requests.find(work, beyond))
end

function requests.keep(work, one, answer)
  if one.request == '' then return end
  work.requests[one.request] = { digest = one.digest, answer = answer, player = one.id }
  work.new_requests[#work.new_requests + 1] = one.request
end

-- Stores what was kept, and removes some that are forgotten.
function requests.finish(work)
  local count = #work.new_requests
  if count == 0 then return end
  local keys, ms = work.keys, math.floor(work.clock / 1000)
  for _, id in ipairs(work.new_requests) do
    local number, made = requests.next(work), work.requests[id]
    redis.call('HSET', keys[5], id, cmsgpack.pack({ number, ms, made.digest, made.answer, false, made.player }))
    redis.call('RPUSH', keys[6], whole(number) .. ' ' .. whole(ms) .. ' ' .. id)
    work.next_request = number + 1
  end
  redis.call('HSET', keys[4], 'requests', whole(work.next_request))
  for _ = 1, count * REQUEST_LOOKS do
    local first = redis.call('LINDEX', keys[6], 0)
    if not first then return end
    local number, at, id = string.match(first, '^(%d+) (%d+) (.*)$')
    if not requests.is_forgotten(work, tonumber(number), tonumber(at)) then return end
    redis.call('LPOP', keys[6])
    local value = redis.call('HGET', keys[5], id)
    -- An id that was forgotten may have been used again.
    if value and cmsgpack.unpack(value)[1] == tonumber(number) then redis.call('HDEL', keys[5], id) end
  end
end

-- Keeps what all partitions together answered of submits that were made here, unless somebody else has: answers what
-- holds. Arguments: id, what is told.
function writes.settle(work, args)
  local settled = {}
  for at = 10, #args, 2 do
    local id, told = args[at], args[at + 1]
    local value = redis.call('HGET', work.keys[5], id)
    if value then
      local record = cmsgpack.unpack(value)
      if not record[5] then
        record[5] = requests.without_erased(work, told, record[1])
        redis.call('HSET', work.keys[5], id, cmsgpack.pack(record))
      end
      told = record[5]
    end
    settled[#settled + 1] = told
  end
  return settled
end
