--[[
Rows of a file, some hundreds a call, each a submit without an answer.

    in m    'import ' digest of the file -> the mark of an import: rows stored, how many changed an entry, how many were
            passed over, rows stored before the last call, its answer, id of who makes it, id of the import, the latest
            time that a row may have, the present at its beginning, by the name of each window how many rows found their
            season sealed; as MessagePack
            'imports ended' -> the last hundred, each: digest, id of the import, rows, how many changed an entry, were
            passed over, the latest time, names of windows and these numbers by turns; as MessagePack
    f       HASH: id of an import, number of a window and start of a season -> 1 if the import fills the season, 0 if not;
            in partitions the home decides, and what is noted may be held back: see fills.lua

If the answer to a call is lost, the call comes again and is answered from the mark: nothing is made twice. An import that
stops half way leaves its mark, so that the same file goes on behind the last row that was stored. One that came to its
end is remembered: if its last answer was lost, who goes on with it is told the same, and nothing is made twice. The first
partition is begun first and ended last: an import that is under way there has the id of all that ended elsewhere.

An import may take long, but all its rows find the same seasons open: those that were not sealed at its beginning. It
fills a season that takes nothing else, a sealed one or one before the first, if the season is empty when its first row
comes.
]]

local IMPORT_ARGUMENTS = SUBMIT_ARGUMENTS + 1
local IMPORT_ROWS = 22
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

local function pairs_of(counts)
  local list = {}
  for name, count in pairs(counts) do
    list[#list + 1] = name
    list[#list + 1] = count
  end
  return list
end

-- Arguments: digest, now or '', the latest time that the caller was answered. Answers rows that are stored of the last
-- import of the file, how many changed an entry, were passed over; the next time that the board gives; id of the
-- import, the latest time of a row, 1 if the import came to its end; and by turns the name of a window and how many rows
-- found its season sealed.
function reads.import(keys, _, args)
  local mark = import_of(keys, args[1])
  local next_time = whole(next_micros(keys, args[2], args[3]))
  if mark then
    return { mark[1], mark[2], mark[3], next_time, mark[7] or '', mark[8] or '', 0, pairs_of(mark[10]) }
  end
  local _, ended = imports_ended(keys, args[1])
  if not ended then return { false, 0, 0, next_time, '', '', 0, {} } end
  return { ended[3], ended[4], ended[5], next_time, ended[2], ended[6], 1, ended[7] }
end

local function fills_key(keys)
  return string.sub(keys[4], 1, -2) .. 'f'
end

-- What the caller was told by the home, unless that is no later than what the partition holds back.
local function told_fill(told, held)
  local word, said = string.match(told or '', '^([01]) ?(%d*)$')
  if word == '1' and held and tonumber(said) <= tonumber(held) then return nil end
  return word
end

-- Answers a function that tells whether an import fills a season which takes nothing else.
local function filling(work, run)
  local key, known = fills_key(work.keys), {}
  return function(window, season)
    local name = window.number .. ':' .. whole(season.from)
    if known[name] ~= nil then return known[name] end
    local field = run .. ' ' .. name
    local value = redis.call('HGET', key, field)
    local held = value and string.match(value, '^%?(%d+)$')
    if work.keys.is_partition and (held or not value) then
      local before = value
      value = told_fill(work.told_fills[name], held)
      if not value then
        work.lacks_fills[#work.lacks_fills + 1] = name
        return false
      end
      redis.call('HSET', key, field, value)
      windows.undo(work, function()
        if before then redis.call('HSET', key, field, before) else redis.call('HDEL', key, field) end
      end)
      if value == '1' then windows.store(work, window, season) end
    elseif not value then
      local season_of = windows.keys_of(work, window, season)
      local is_empty = redis.call('EXISTS', season_of[1], season_of[7]) == 0
      value = is_empty and '1' or '0'
      redis.call('HSET', key, field, value)
      windows.undo(work, function() redis.call('HDEL', key, field) end)
      if is_empty then windows.store(work, window, season) end
    end
    known[name] = value == '1'
    return known[name]
  end
end

local function forget_fills(keys, run)
  local key, cursor = fills_key(keys), '0'
  if redis.call('EXISTS', key) == 0 then return end
  repeat
    local scan = redis.call('HSCAN', key, cursor, 'MATCH', run .. ' *', 'COUNT', CHUNK)
    cursor = scan[1]
    for i = 1, #scan[2], 2 do redis.call('HDEL', key, scan[2][i]) end
  until cursor == '0'
end

-- The mark of an import that has nothing yet. A partition is told the present at the beginning of the whole.
local function new_mark(work, who, run, latest, held)
  return { 0, 0, 0, 0, false, who, run, latest, tonumber(held) or windows.present(work), {} }
end

-- Begins an import, or goes on with one. Arguments: digest, id of who imports, id of the import, the latest time of a
-- row, 1 to go on with an import of somebody else. Answers the present at its beginning.
function writes.begin_import(work, args)
  local keys, digest, who = work.keys, args[10], args[11]
  local closed = rules.closed(work)
  if closed then
    take_back(work)
    return nil, closed
  end
  local mark = import_of(keys, digest)
  local goes_on = args[14] == '1'
  local _, ended = imports_ended(keys, digest)
  local has_ended = not mark and ended and ended[2] == args[12]
  if has_ended or mark and mark[6] ~= who and mark[1] > 0 and not goes_on then
    take_back(work)
    return nil, refusal('IMPORT_MOVED')
  end
  if not mark or (mark[1] == 0 and not goes_on) then
    if mark then forget_fills(keys, mark[7]) end
    mark = new_mark(work, who, args[12], args[13])
  end
  mark[6] = who
  note_import(keys, digest, mark)
  return whole(mark[9])
end

-- Makes what a row is; nil and a refusal if it is refused.
local function make_row(work, one)
  local refused = people.admit(work, one, 1)
  if refused then return nil, refused end
  if #work.windows > 0 then return windows.submit(work, one, 1) end
  local plan, head = plan_one(work, one)
  if not plan then return nil, refusal('SUBMIT', 0, head or false) end
  return make_one(work, plan)
end

-- Refusals of a row that ask the caller for something.
local ASKING = { SEASON = true, NAMES = true, PROFILES = true }

-- Takes a row, by the rules if the import goes by them; what is hidden does not.
local function take_row(work, one)
  if not work.is_judged or bans.hides(work.keys, one.id) then return make_row(work, one) end
  local refused = rules.refused_alone(work, one, 1)
  if refused then return nil, refused end
  local answer, why = make_row(work, one)
  if answer then rules.count(work, one) end
  return answer, why
end

-- Counts the windows in which a row found its season sealed.
local function count_sealed(answer, sealed)
  local told = answer[SUBMIT_WINDOWS] and answer[SUBMIT_WINDOWS][2] or {}
  for _, one in ipairs(told) do
    if one[2] == 'sealed' then sealed[one[1]] = (sealed[one[1]] or 0) + 1 end
  end
end

-- Takes rows up to the first one that is refused; with `skips` it passes refused rows over. Answers how many were taken,
-- how many changed an entry, for each refused row its number, code and reason, and by the name of each window how many
-- rows found their season sealed. Answers nil and a refusal if the whole call is refused.
local function take_rows(work, args, skips)
  local ones = {}
  for at = IMPORT_ROWS, #args, IMPORT_ARGUMENTS do ones[#ones + 1] = submit_of(args, at) end
  local asks = work.is_judged and people.asks_known(work, ones) or people.asks(work, ones)
  if asks then return nil, asks end
  local taken, changed, refused, sealed = 0, 0, {}, {}
  for at = IMPORT_ROWS, #args, IMPORT_ARGUMENTS do
    local one = ones[(at - IMPORT_ROWS) / IMPORT_ARGUMENTS + 1]
    local time = args[at + SUBMIT_ARGUMENTS]
    one.time = time ~= '' and time
    local answer, why = take_row(work, one)
    if work.last > MICROS_MAX then return nil, refusal('CLOCK') end
    if why and ASKING[why[2]] then return nil, why end
    if answer then
      if answer[1] == 'moves' then changed = changed + 1 end
      count_sealed(answer, sealed)
      people.keep(work, one, answer)
    else
      refused[#refused + 1] = { taken, why[2], unpack(why, 4) }
      if not skips then break end
    end
    taken = taken + 1
  end
  local undecided = rules.told(work)
  if undecided then return nil, undecided end
  if #work.lacks_fills > 0 then return nil, refusal('FILLS', unpack(work.lacks_fills)) end
  return { taken, changed, refused, sealed }
end

-- The mark of an import in a slot; nil if the import ended there.
local function import_under_way(work, digest, begun)
  local keys = work.keys
  local mark = import_of(keys, digest)
  if mark then return mark end
  local _, ended = imports_ended(keys, digest)
  if ended and ended[2] == begun.run then return nil end
  return new_mark(work, begun.who, begun.run, begun.latest, begun.held)
end

-- Arguments: digest, id of who imports, how many rows were stored before, 1 to pass over rows that are refused, 1 to go on
-- with an import of somebody else, id of the import, the latest time of a row, what the caller was told of profiles or '',
-- 1 to go by the rules, what was found of gains; of a partition the present at the beginning of the whole and, as JSON,
-- which seasons the import fills; rows: each as a submit, and the time of one that has none.
function writes.import(work, args)
  local keys, digest, who, before = work.keys, args[10], args[11], tonumber(args[12])
  local mark = import_under_way(work, digest, { who = who, run = args[15], latest = args[16], held = args[20] })
  if mark and mark[6] == who and mark[4] == before and mark[1] > before then return mark[5] end
  local is_others = mark and mark[6] ~= who and args[14] ~= '1'
  if not mark or is_others or mark[1] ~= before then
    take_back(work)
    return nil, refusal('IMPORT_MOVED')
  end
  local closed = rules.closed(work)
  if closed then
    take_back(work)
    return nil, closed
  end
  work.is_judged = args[18] == '1' and work.judge ~= nil
  if work.is_judged then rules.begin(work, args[19]) end
  work.rank_mode, work.passed, work.passed_mode, work.is_all = '', 0, '', false
  work.held, work.fills = mark[9], filling(work, args[15])
  work.told_fills, work.lacks_fills = args[21] ~= '' and cjson.decode(args[21]) or {}, {}
  people.hear(work, args[17])
  work.are_judged_rows = args[18] == '1'
  work.are_rows = not work.are_judged_rows
  local answer, why = take_rows(work, args, args[13] == '1')
  if not answer then
    take_back(work)
    return nil, why
  end
  local taken, changed, refused, sealed = unpack(answer)
  answer[4] = pairs_of(sealed)
  if taken == 0 then return answer end
  local passed = args[13] == '1' and #refused or 0
  for name, count in pairs(mark[10]) do sealed[name] = (sealed[name] or 0) + count end
  note_import(keys, digest, {
    before + taken, mark[2] + changed, mark[3] + passed, before, answer, who, args[15], args[16], mark[9], sealed,
  })
  return answer, nil, true
end

-- Arguments: digest of an import whose rows are all stored, a time that no later one may be in front of, or 0, how many
-- rows there are, id of the import. Another import of the file, which is not as far, is not ended.
function writes.end_import(work, args)
  local keys, digest, rows = work.keys, args[10], tonumber(args[12])
  work.last = math.max(work.last, tonumber(args[11]))
  local mark = import_of(keys, digest)
  -- A partition that has none of its rows may hold some back.
  if not mark then forget_fills(keys, args[13]) end
  if not mark or mark[1] ~= rows then return 0 end
  local all, _, place = imports_ended(keys, digest)
  if place then table.remove(all, place) end
  all[#all + 1] = { digest, args[13], mark[1], mark[2], mark[3], mark[8], pairs_of(mark[10]) }
  if #all > IMPORTS_ENDED_MAX then table.remove(all, 1) end
  redis.call('HSET', keys[4], IMPORTS_ENDED, cmsgpack.pack(all))
  forget_fills(keys, args[13])
  return redis.call('HDEL', keys[4], 'import ' .. digest)
end
