--[[
Rows of a file, some hundreds a call, each a submit without an answer.

    in m    'import ' digest of the file -> the mark of an import: rows stored, how many changed an entry, how many were
            passed over, rows stored before the last call, its answer, id of who makes it, id of the import, the latest
            time that a row may have; as MessagePack
            'imports ended' -> the last hundred, each: digest, id of the import, rows, how many changed an entry, were
            passed over, the latest time; as MessagePack

If the answer to a call is lost, the call comes again and is answered from the mark: nothing is made twice. An import that
stops half way leaves its mark, so that the same file goes on behind the last row that was stored. One that came to its
end is remembered: if its last answer was lost, who goes on with it is told the same, and nothing is made twice. The first
partition is begun first and ended last: an import that is under way there has the id of all that ended elsewhere.
]]

local IMPORT_ARGUMENTS = SUBMIT_ARGUMENTS + 1
local IMPORTS_ENDED, IMPORTS_ENDED_MAX = 'imports ended', 100

local function import_of(keys, digest)
  local value = redis.call('HGET', keys[4], 'import ' .. digest)
  return value and cmsgpack.unpack(value)
end

local function note_import(keys, digest, mark)
  redis.call('HSET', keys[4], 'import ' .. digest, cmsgpack.pack(mark))
end

-- All that ended, the last one last; and the one of a file, with its place.
local function imports_ended(keys, digest)
  local value = redis.call('HGET', keys[4], IMPORTS_ENDED)
  local all = value and cmsgpack.unpack(value) or {}
  for place, ended in ipairs(all) do
    if ended[1] == digest then return all, ended, place end
  end
  return all
end

-- Arguments: digest, now or '', the latest time that the caller was answered. Answers rows that are stored of the last
-- import of the file, how many changed an entry, were passed over; the next time that the board gives; id of the
-- import, the latest time of a row, and 1 if the import came to its end.
function reads.import(keys, _, args)
  local mark = import_of(keys, args[1])
  local next_time = whole(next_micros(keys, args[2], args[3]))
  if mark then return { mark[1], mark[2], mark[3], next_time, mark[7] or '', mark[8] or '', 0 } end
  local _, ended = imports_ended(keys, args[1])
  if not ended then return { false, 0, 0, next_time, '', '', 0 } end
  return { ended[3], ended[4], ended[5], next_time, ended[2], ended[6], 1 }
end

-- Begins an import, or goes on with one. Arguments: digest, id of who imports, id of the import, the latest time of a
-- row, 1 to go on with an import of somebody else.
function writes.begin_import(work, args)
  local keys, digest, who = work.keys, args[10], args[11]
  local mark = import_of(keys, digest)
  local goes_on = args[14] == '1'
  if mark and mark[6] ~= who and mark[1] > 0 and not goes_on then return nil, refusal('IMPORT_MOVED') end
  if not mark or (mark[1] == 0 and not goes_on) then mark = { 0, 0, 0, 0, false, who, args[12], args[13] } end
  mark[6] = who
  note_import(keys, digest, mark)
  return 1
end

-- Takes rows up to the first one that is refused; with `skips` it passes refused rows over. Answers how many were taken,
-- how many changed an entry, and for each refused row its number and the head of the entry that there was.
local function take_rows(work, args, skips)
  local taken, changed, refused = 0, 0, {}
  for at = 17, #args, IMPORT_ARGUMENTS do
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

-- The mark of an import in a slot; nil if the import ended there.
local function import_under_way(keys, digest, begun)
  local mark = import_of(keys, digest)
  if mark then return mark end
  local _, ended = imports_ended(keys, digest)
  if ended and ended[2] == begun.run then return nil end
  return { 0, 0, 0, 0, false, begun.who, begun.run, begun.latest }
end

-- Of a board without windows. Arguments: digest, id of who imports, how many rows were stored before, 1 to pass over
-- rows that are refused, 1 to go on with an import of somebody else, id of the import, the latest time of a row, rows:
-- each as a submit, and the time of one that has none.
function writes.import(work, args)
  local keys, digest, who, before = work.keys, args[10], args[11], tonumber(args[12])
  local mark = import_under_way(keys, digest, { who = who, run = args[15], latest = args[16] })
  if not mark then return nil, refusal('IMPORT_MOVED') end
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
  note_import(keys, digest, {
    before + taken, mark[2] + changed, mark[3] + passed, before, answer, who, args[15], args[16],
  })
  return answer, nil, true
end

-- Arguments: digest of an import whose rows are all stored, a time that no later one may be in front of, or 0, how many
-- rows there are, id of the import. Another import of the file, which is not as far, is not ended.
function writes.end_import(work, args)
  local keys, digest, rows = work.keys, args[10], tonumber(args[12])
  work.last = math.max(work.last, tonumber(args[11]))
  local mark = import_of(keys, digest)
  if not mark or mark[1] ~= rows then return 0 end
  local all, _, place = imports_ended(keys, digest)
  if place then table.remove(all, place) end
  all[#all + 1] = { digest, args[13], mark[1], mark[2], mark[3], mark[8] }
  if #all > IMPORTS_ENDED_MAX then table.remove(all, 1) end
  redis.call('HSET', keys[4], IMPORTS_ENDED, cmsgpack.pack(all))
  return redis.call('HDEL', keys[4], 'import ' .. digest)
end
