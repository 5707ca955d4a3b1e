--[[
Rows of a file, some hundreds a call, each a submit without an answer.

    in m    'import ' digest of the file -> the mark of an import: rows stored, how many changed an entry, how many were
            passed over, rows stored before the last call, its answer, id of the import that made it; as MessagePack

If the answer to a call is lost, the call comes again and is answered from the mark: nothing is made twice. An import that
stops half way leaves its mark, so that the same file goes on behind the last row that was stored.
]]

local IMPORT_ARGUMENTS = SUBMIT_ARGUMENTS + 1

local function import_of(keys, digest)
  local value = redis.call('HGET', keys[4], 'import ' .. digest)
  return value and cmsgpack.unpack(value)
end

-- Arguments: digest, now or '', the latest time that the caller was answered. Answers how many rows of an import that
-- has not ended are stored, how many changed an entry, how many were passed over; and the next time that the board gives.
function reads.import(keys, _, args)
  local mark = import_of(keys, args[1])
  local next_time = whole(next_micros(keys, args[2], args[3]))
  if not mark then return { false, 0, 0, next_time } end
  return { mark[1], mark[2], mark[3], next_time }
end

-- Takes rows up to the first one that is refused; with `skips` it passes refused rows over. Answers how many were taken,
-- how many changed an entry, and for each refused row its number and the head of the entry that there was.
local function take_rows(work, args, skips)
  local taken, changed, refused = 0, 0, {}
  for at = 15, #args, IMPORT_ARGUMENTS do
    local one = submit_of(args, at)
    local time = args[at + SUBMIT_ARGUMENTS]
    one.time = time ~= '' and time
    local plan, head = plan_one(work, one)
    local answer = plan and make_one(work, plan)
    if work.last > MICROS_MAX then return nil end
    if not answer then refused[#refused + 1] = { taken, head or false } end
    if not answer and not skips then break end
    if answer and answer[1] == 'moves' then changed = changed + 1 end
    taken = taken + 1
  end
  return { taken, changed, refused }
end

-- Of a board without windows. Arguments: digest, id of this import, how many rows were stored before, 1 to pass over rows
-- that are refused, 1 to go on with another import, rows: each as a submit, and a time for a row that has none.
function writes.import(work, args)
  local keys, digest, who, before = work.keys, args[10], args[11], tonumber(args[12])
  local mark = import_of(keys, digest) or { 0, 0, 0, 0, false, who }
  if mark[6] == who and mark[4] == before and mark[1] > before then return mark[5] end
  local is_others = mark[6] ~= who and args[14] ~= '1'
  if is_others or mark[1] ~= before then return nil, refusal('IMPORT_MOVED') end
  work.rank_mode, work.passed, work.passed_mode = '', 0, ''
  local answer = take_rows(work, args, args[13] == '1')
  if not answer then
    take_back(work)
    return nil, refusal('CLOCK')
  end
  local taken, changed, refused = unpack(answer)
  if taken == 0 then return answer end
  local passed = args[13] == '1' and #refused or 0
  local next_mark = { before + taken, mark[2] + changed, mark[3] + passed, before, answer, who }
  redis.call('HSET', keys[4], 'import ' .. digest, cmsgpack.pack(next_mark))
  return answer, nil, true
end

-- Arguments: digest of an import whose rows are all stored, and a time that no later one may be in front of, or 0.
function writes.end_import(work, args)
  work.last = math.max(work.last, tonumber(args[11]))
  return redis.call('HDEL', work.keys[4], 'import ' .. args[10])
end
