#!lua name=ladderdb_1
--[[
What is atomic on a Redis or Valkey server: all that concerns one board, in one slot.

    KEYS  1 e  ZSET, scores 0: | ordered score 8 a column | time 8 | playerId |, byte for byte encodeEntryKey
          2 p  HASH: playerId -> | score | time | flags 1 | name, its size 2 in front | metadata |
          3 d  ZSET, scores 0: the distinct scores of e; none in a partition
          4 m  HASH: id, settings, last (the last time that was given), seq (the number of writes), requests
               (the number of the next request), full (whether there are entries: see replicas.lua)
          5 r, 6 q: see requests.lua; 7 h, 8 b: see bans.lua; seasons and rules have keys of their own: see windows.lua
          and rules.lua

(1) e and p say the same of each player. (2) d is the set of scores in e, but in a partition. (3) last never falls.
Bytes are never compared by <, which asks the locale of the server: see precedes().
]]

local RECORD_NAME = 1
local RECORD_METADATA = 2
local CHUNK = 1000
local TWO_32 = 4294967296
local ALL_32 = 4294967295
local SIGN_32 = 2147483648
local EXACT_MAX = 9007199254740992
local MICROS_MAX = 4503599627370495
local SUBMIT_ARGUMENTS = 11
-- Where in the answer of a submit it says whether it is that of before, and what became of it in windows.
local SUBMIT_REPEATED = 9
local SUBMIT_WINDOWS = 11

-- What the other parts of the library add to.
local requests, bans, windows, replicas, shared, moves, people, rules = {}, {}, {}, {}, {}, {}, {}, {}

local function refusal(code, ...)
  return { '!', code, ... }
end

-- Opens a board; answers its id, false if it does not exist, or a refusal.
local function open(keys, settings, known)
  local found = redis.call('HMGET', keys[4], 'id', 'settings')
  if not found[1] then
    if known ~= '' then return nil, refusal('NO_BOARD') end
    return false
  end
  if settings ~= '' and found[2] ~= settings then
    return nil, refusal('SETTINGS_DIFFER', found[2])
  end
  return found[1]
end

-- Whether the slot is a partition: it keeps no scores in d, for no sum of counts tells a dense rank.
local function is_partition(settings)
  return settings ~= nil and string.find(settings, '"partitions":', 1, true) ~= nil
end

-- Whether a stands in front of b.
local function precedes(a, b)
  local size = math.min(#a, #b)
  for at = 1, size, 6 do
    local stop = math.min(at + 5, size)
    local x, y = { string.byte(a, at, stop) }, { string.byte(b, at, stop) }
    for i = 1, #x do
      if x[i] ~= y[i] then return x[i] < y[i] end
    end
  end
  return #a < #b
end

local function below(key, bytes)
  return redis.call('ZLEXCOUNT', key, '-', '(' .. bytes)
end

-- The number that an entry carries in a rank mode.
local function number(keys, member, width, mode)
  if mode == 'ordinal' then return redis.call('ZRANK', keys[1], member) + 1 end
  local score = string.sub(member, 1, width)
  if mode == 'dense' then return below(keys[3], score) + 1 end
  return below(keys[1], score) + 1
end

local function whole(value)
  return string.format('%.0f', value)
end

-- Rows from an index on: how many the board has, the index, the number of the first, members, records.
local function rows(keys, width, first, count, mode)
  local total = redis.call('ZCARD', keys[1])
  local members = {}
  if count > 0 and first < total then
    local last = math.min(total, first + count) - 1
    members = redis.call('ZRANGE', keys[1], whole(first), whole(last))
  end
  local base = first + 1
  if #members > 0 and first > 0 and mode ~= 'ordinal' then
    base = number(keys, members[1], width, mode)
  end
  local records = {}
  for start = 1, #members, CHUNK do
    local ids = {}
    for i = start, math.min(start + CHUNK - 1, #members) do
      ids[#ids + 1] = string.sub(members[i], width + 9)
    end
    for _, record in ipairs(redis.call('HMGET', keys[2], unpack(ids))) do
      records[#records + 1] = record
    end
  end
  return { total, whole(first), base, members, records }
end

-- What there is of a player: record, ordinal rank, and what the mode asks for.
local function player(keys, width, id, mode)
  local record = redis.call('HGET', keys[2], id)
  if not record then return false end
  local member = string.sub(record, 1, width + 8) .. id
  local ordinal = redis.call('ZRANK', keys[1], member) + 1
  if mode == 'ordinal' then return { record, ordinal, ordinal } end
  if mode ~= 'all' then return { record, ordinal, number(keys, member, width, mode) } end
  local score = string.sub(record, 1, width)
  local worst = score .. string.rep('\255', 8)
  return {
    record, ordinal, ordinal,
    below(keys[1], score), redis.call('ZLEXCOUNT', keys[1], '(' .. worst, '+'), below(keys[3], score),
  }
end

local function count_at(keys, bound)
  local kind = string.sub(bound, 1, 1)
  if kind == '-' then return 0 end
  if kind == '+' then return redis.call('ZCARD', keys[1]) end
  return below(keys[1], string.sub(bound, 2))
end

local function score_at(keys, width, rank, mode)
  local source = mode == 'dense' and keys[3] or keys[1]
  local found = redis.call('ZRANGE', source, whole(rank - 1), whole(rank - 1))[1]
  return found and string.sub(found, 1, width) or false
end

local function bytes_of(micros)
  return struct.pack('>I4I4', math.floor(micros / TWO_32), micros % TWO_32)
end

local function micros_of(bytes)
  local high, low = struct.unpack('>I4I4', bytes)
  return high * TWO_32 + low
end

-- The next time that the board gives: the wall clock, or later than all that the caller was answered.
local function next_micros(keys, now, seen)
  local last = math.max(tonumber(redis.call('HGET', keys[4], 'last') or '0'), tonumber(seen))
  local clock = tonumber(now)
  if not clock then
    local time = redis.call('TIME')
    clock = tonumber(time[1]) * 1000000 + tonumber(time[2])
  end
  return math.max(clock, last + 1)
end

local reads = {}

function reads.info(keys)
  local asked = { 'settings', 'seq', 'rules', 'rules version', 'rules told' }
  return { redis.call('HMGET', keys[4], unpack(asked)), redis.call('ZCARD', keys[1]) }
end

function reads.players(keys, width, args, settings)
  local answers, total = {}, redis.call('ZCARD', keys[1])
  for i = 2, #args do answers[i - 1] = player(keys, width, args[i], args[1]) end
  local tiers = args[1] == 'all' and rules.tiers(keys, width, total, is_partition(settings))
  return { total, answers, tiers or false }
end

function reads.rows(keys, width, args)
  return rows(keys, width, tonumber(args[1]), tonumber(args[2]), args[3])
end

function reads.around(keys, width, args)
  local id, above, under, fill, mode = unpack(args)
  local record = redis.call('HGET', keys[2], id)
  if not record then return rows(keys, width, 0, 0, mode) end
  local index = redis.call('ZRANK', keys[1], string.sub(record, 1, width + 8) .. id)
  above, under = tonumber(above), tonumber(under)
  if fill == '0' then
    local first = math.max(0, index - above)
    return rows(keys, width, first, index + under + 1 - first, mode)
  end
  local total = redis.call('ZCARD', keys[1])
  local count = math.min(total, above + 1 + under)
  return rows(keys, width, math.max(0, math.min(index - above, total - count)), count, mode)
end

function reads.between(keys, width, args)
  local first, stop = count_at(keys, args[1]), count_at(keys, args[2])
  local start = first + tonumber(args[3])
  local count = math.min(tonumber(args[4]), stop - start)
  return { math.max(0, stop - first), rows(keys, width, start, count, args[5]) }
end

function reads.page(keys, width, args)
  local side, key, limit, mode = args[1], args[2], tonumber(args[3]), args[4]
  if side == 'first' then return rows(keys, width, 0, limit, mode) end
  local at = below(keys[1], key)
  if side == 'after' then return rows(keys, width, at, limit, mode) end
  local first = math.max(0, at - limit)
  return rows(keys, width, first, at - first, mode)
end

function reads.newcomer(keys, width, args, settings)
  local score, now, seen = args[1], args[2], args[3]
  local total = redis.call('ZCARD', keys[1])
  local key = score .. bytes_of(next_micros(keys, now, seen))
  local worst = score .. string.rep('\255', 8)
  return {
    total, below(keys[1], key) + 1, below(keys[1], score),
    redis.call('ZLEXCOUNT', keys[1], '(' .. worst, '+'), below(keys[3], score),
    rules.tiers(keys, width, total + 1, is_partition(settings)),
  }
end

function reads.score_at(keys, width, args)
  return { score_at(keys, width, tonumber(args[1]), args[2]) }
end

function reads.goal(keys, width, args)
  local rank, percent, mode, id = args[1], args[2], args[3], args[4]
  local standing = id ~= '' and player(keys, width, id, 'all')
  local size = redis.call('ZCARD', keys[1])
  if rank == '' then
    local total = size + (standing and 0 or 1)
    -- 9.2 percent of 750 are 69, which doubles miss by their last bit.
    rank = math.max(1, math.floor(total * tonumber(percent) / 100 * (1 + 2 ^ -51)))
  end
  rank = tonumber(rank)
  return { size, whole(rank), standing, score_at(keys, width, rank, mode), score_at(keys, width, size, '') }
end

-- Bites of a check; each is of one instant. Answers the next cursor, how many were looked at, and findings.
function reads.check_players(keys, width, args, settings)
  local has_scores = not is_partition(settings)
  local scan = redis.call('HSCAN', keys[2], args[1], 'COUNT', CHUNK)
  local findings = {}
  for i = 1, #scan[2], 2 do
    local id, record = scan[2][i], scan[2][i + 1]
    local member = string.sub(record, 1, width + 8) .. id
    if not redis.call('ZSCORE', keys[1], member) then findings[#findings + 1] = { 1, id } end
    if has_scores and not redis.call('ZSCORE', keys[3], string.sub(record, 1, width)) then
      findings[#findings + 1] = { 2, id }
    end
  end
  if scan[1] == '0' and redis.call('HLEN', keys[2]) ~= redis.call('ZCARD', keys[1]) then
    findings[#findings + 1] = { 1, '' }
  end
  return { scan[1], #scan[2] / 2, findings }
end

function reads.check_scores(keys, width, args, settings)
  if is_partition(settings) then return { '0', 0, {} } end
  local first = tonumber(args[1])
  local scores = redis.call('ZRANGE', keys[3], first, first + CHUNK - 1)
  local findings = {}
  for _, score in ipairs(scores) do
    local worst = score .. string.rep('\255', 8)
    if redis.call('ZLEXCOUNT', keys[1], '[' .. score, '[' .. worst) == 0 then
      findings[#findings + 1] = { 2, '' }
    end
  end
  return { #scores < CHUNK and '0' or whole(first + CHUNK), #scores, findings }
end

-- ARGV: settings, id that the caller knows, bytes of a score, name of the question, its arguments.
local function read(keys, args)
  local id, refused = open(keys, args[1], args[2])
  if refused then return refused end
  local state = redis.call('HMGET', keys[4], 'last', 'seq')
  local rest = {}
  for i = 5, #args do rest[i - 4] = args[i] end
  local answer, why = reads[args[4]](keys, tonumber(args[3]), rest, args[1])
  if why then return why end
  return { id or '', state[1] or '0', answer or false, state[2] or '0' }
end

-- Puts what is stored of a player in place of what there was; false: nothing.
local function put(keys, width, id, old, new)
  local old_head = old and string.sub(old, 1, width + 8)
  local new_head = new and string.sub(new, 1, width + 8)
  if old_head ~= new_head then
    if old then
      redis.call('ZREM', keys[1], old_head .. id)
      if not keys.is_partition then
        local score = string.sub(old_head, 1, width)
        local worst = score .. string.rep('\255', 8)
        local others = redis.call('ZRANGEBYLEX', keys[1], '[' .. score, '[' .. worst, 'LIMIT', 0, 1)
        if #others == 0 then redis.call('ZREM', keys[3], score) end
      end
    end
    if new then
      redis.call('ZADD', keys[1], 0, new_head .. id)
      if not keys.is_partition then redis.call('ZADD', keys[3], 0, string.sub(new_head, 1, width)) end
    end
  end
  if new then redis.call('HSET', keys[2], id, new) else redis.call('HDEL', keys[2], id) end
end

local function details_of(record, width)
  local flags = string.byte(record, width + 9)
  local at = width + 10
  local name, metadata
  if flags % 2 == RECORD_NAME then
    local size = struct.unpack('>I2', string.sub(record, at, at + 1))
    name = string.sub(record, at + 2, at + 1 + size)
    at = at + 2 + size
  end
  if flags >= RECORD_METADATA then metadata = string.sub(record, at) end
  return name, metadata
end

local function record_of(head, name, metadata)
  local flags = (name and RECORD_NAME or 0) + (metadata and RECORD_METADATA or 0)
  local text = name and struct.pack('>I2', #name) .. name or ''
  return head .. string.char(flags) .. text .. (metadata or '')
end

-- 'k' keeps what there is, 'r' removes it, 's' sets what follows.
local function given(what, old)
  local kind = string.sub(what, 1, 1)
  if kind == 'k' then return old end
  if kind == 's' then return string.sub(what, 2) end
end

-- The sum of two doubles, or nil if it is not exact: as domain/decide.ts.
local function double_sum(a, b)
  local sum = a + b
  local rounded = sum - a
  local missing = (a - (sum - rounded)) + (b - rounded)
  local size = math.abs(sum)
  if size < EXACT_MAX or (size == EXACT_MAX and not (missing * sum > 0)) then return sum + 0 end
end

local function double_of(high, low)
  if high >= SIGN_32 then high = high - SIGN_32 else high, low = ALL_32 - high, ALL_32 - low end
  return (struct.unpack('>d', struct.pack('>I4I4', high, low)))
end

local function halves_of(double)
  local high, low = struct.unpack('>I4I4', struct.pack('>d', double))
  if high >= SIGN_32 then return ALL_32 - high, ALL_32 - low end
  return high + SIGN_32, low
end

local function integer_sum(a_high, a_low, b_high, b_low)
  local low = a_low + b_low
  local high = a_high + b_high - SIGN_32
  if low > ALL_32 then low, high = low - TWO_32, high + 1 end
  if high >= 0 and high <= ALL_32 then return high, low end
end

-- What an increment makes of a score, or nil if it is not exact. `shape` is the type, then an order a column.
local function sum_of(shape, previous, added)
  local cells = {}
  for i = 1, #shape - 1 do
    local at = i * 8 - 7
    local flip = string.sub(shape, i + 1, i + 1) == 'd'
    local b_high, b_low = struct.unpack('>I4I4', string.sub(added, at, at + 7))
    local a_high, a_low = SIGN_32, 0
    if previous then a_high, a_low = struct.unpack('>I4I4', string.sub(previous, at, at + 7)) end
    if flip then b_high, b_low = ALL_32 - b_high, ALL_32 - b_low end
    if flip and previous then a_high, a_low = ALL_32 - a_high, ALL_32 - a_low end
    local high, low
    if string.sub(shape, 1, 1) == 'i' then
      high, low = integer_sum(a_high, a_low, b_high, b_low)
    else
      local sum = double_sum(double_of(a_high, a_low), double_of(b_high, b_low))
      if sum then high, low = halves_of(sum) end
    end
    if not high then return nil end
    if flip then high, low = ALL_32 - high, ALL_32 - low end
    cells[i] = struct.pack('>I4I4', high, low)
  end
  return table.concat(cells)
end

-- Decides a submit as domain/decide.ts does: the score, whether it was accepted, whether the entry moves.
local function decide(shape, submit, previous, previous_at)
  local only, expected = submit.only, submit.expected
  if (only == 'new' and previous) or (only == 'existing' and not previous) then return nil end
  if expected == 'n' and previous then return nil end
  if string.sub(expected, 1, 1) == 's' and previous ~= string.sub(expected, 2) then return nil end
  local score = submit.score
  if submit.mode == 'increment' then
    score = sum_of(shape, previous, score)
    if not score then return nil end
  end
  if not previous then return score, true, true end
  if submit.mode ~= 'best' then return score, true, score ~= previous end
  if precedes(score, previous) then return score, true, true end
  local earlier = score == previous and submit.at ~= '' and precedes(submit.at, previous_at)
  return previous, earlier, earlier
end

local function submit_of(args, at)
  return {
    id = args[at], mode = args[at + 1], score = args[at + 2], at = args[at + 3],
    name = args[at + 4], metadata = args[at + 5], only = args[at + 6], expected = args[at + 7],
    request = args[at + 8], digest = args[at + 9], season = args[at + 10],
  }
end

local function put_hidden(keys, id, record)
  if record then redis.call('HSET', keys[7], id, record) else redis.call('HDEL', keys[7], id) end
end

-- Undoes what a change has done: to the board and to its seasons.
local function take_back(work)
  for i = #work.done, 1, -1 do work.done[i]() end
  work.done = {}
end

local function do_put(work, id, old, new, is_hidden)
  local keys, width = work.keys, work.width
  work.done[#work.done + 1] = function()
    if is_hidden then put_hidden(keys, id, old) else put(keys, width, id, new, old) end
  end
  if is_hidden then put_hidden(keys, id, new) else put(keys, width, id, old, new) end
end

-- (12) The entry that is one too many is the last.
local function remove_surplus(work)
  local keys = work.keys
  while work.keep > 0 and redis.call('ZCARD', keys[1]) > work.keep do
    local last = redis.call('ZRANGE', keys[1], -1, -1)[1]
    local id = string.sub(last, work.width + 9)
    do_put(work, id, redis.call('HGET', keys[2], id), false)
  end
end

local function has_room(work, member)
  if work.keep == 0 or redis.call('ZCARD', work.keys[1]) < work.keep then return true end
  local last = redis.call('ZRANGE', work.keys[1], -1, -1)[1]
  return precedes(member, last)
end

-- Moves an entry, or makes one: ranks before and after, who was passed.
local function move(work, id, old, record)
  local keys, width, mode = work.keys, work.width, work.rank_mode
  local before, index_before
  if old then
    local member = string.sub(old, 1, width + 8) .. id
    if mode ~= '' then before = number(keys, member, width, mode) end
    if work.passed > 0 then index_before = redis.call('ZRANK', keys[1], member) end
  end
  do_put(work, id, old, record)
  local member = string.sub(record, 1, width + 8) .. id
  local rank = mode ~= '' and number(keys, member, width, mode)
  local passed, passed_count = false, 0
  if work.passed > 0 then
    local index = redis.call('ZRANK', keys[1], member)
    passed_count = math.max(0, (index_before or redis.call('ZCARD', keys[1]) - 1) - index)
    passed = rows(keys, width, index + 1, math.min(passed_count, work.passed), work.passed_mode)
  end
  remove_surplus(work)
  return rank or false, before or false, passed_count, passed
end

-- In which mode those who were passed are numbered; false: they were not asked for. A partition is asked for none
-- of them, and keeps the mode with the answer.
local function passed_mode(work)
  return work.passed_mode ~= '' and work.passed_mode
end

-- What a submit makes of a record, false if there is none; nil: it is refused, and the second answer is the head.
local function plan_of(work, one, old)
  local width = work.width
  local head = old and string.sub(old, 1, width + 8)
  local previous = head and string.sub(head, 1, width)
  local score, accepted, moves = decide(work.shape, one, previous, head and string.sub(head, width + 1))
  if not score then return nil, head end
  local at = one.at
  if at == '' and one.time then
    at = one.time
    work.last = math.max(work.last, micros_of(at))
  elseif at == '' then
    work.last = math.max(work.clock, work.last + 1)
    at = bytes_of(work.last)
  end
  local name, metadata
  if old then name, metadata = details_of(old, width) end
  name = given(one.name, name)
  if accepted then metadata = given(one.metadata, metadata) end
  return {
    head = head, moves = moves, score = score, name = name,
    record = record_of(moves and score .. at or head, name, metadata),
  }
end

-- What a submit comes to, with what there is of the player, seen or not; nil: it is refused, and the second answer is
-- the head that there was. A newcomer to a season is as hidden as on the board.
local function plan_one(work, one, is_hidden)
  local keys = work.keys
  local old = redis.call('HGET', keys[2], one.id)
  if old then
    is_hidden = false
  elseif work.window then
    old = redis.call('HGET', keys[7], one.id)
    is_hidden = is_hidden or old
  else
    is_hidden = bans.hides(keys, one.id)
    old = is_hidden and redis.call('HGET', keys[7], one.id)
  end
  local plan, head = plan_of(work, one, old)
  if not plan then return nil, head end
  plan.one, plan.old, plan.is_hidden = one, old, is_hidden
  return plan
end

local function make_one(work, plan)
  local keys, width = work.keys, work.width
  local one, old, record, head = plan.one, plan.old, plan.record, plan.head
  if plan.is_hidden then return bans.make(work, plan) end
  if not plan.moves then
    if record ~= old then do_put(work, one.id, old, record) end
    local rank = work.rank_mode ~= '' and number(keys, head .. one.id, width, work.rank_mode)
    return { 'stays', head, head, rank or false, rank or false, 0, false, passed_mode(work), 0 }
  end
  local now = string.sub(record, 1, width + 8)
  if not old and not has_room(work, now .. one.id) then
    return { 'has no place', one.score, false, false, false, 0, false, passed_mode(work), 0 }
  end
  local rank, before, count, passed = move(work, one.id, old, record)
  return { 'moves', now, head, rank, before, count, passed, passed_mode(work), 0 }
end

-- Makes a submit; nil and a refusal if it is refused.
local function submit(work, one, i)
  if #work.windows > 0 then return windows.submit(work, one, i) end
  local plan, head = plan_one(work, one)
  if not plan then return nil, refusal('SUBMIT', i - 1, head or false) end
  return make_one(work, plan)
end

local function begin(keys, args, id)
  local state = redis.call('HMGET', keys[4], 'last', 'present', 'full', 'store', 'people', 'judge')
  local last = math.max(tonumber(state[1] or '0'), tonumber(args[6]))
  local clock = tonumber(args[5])
  if not clock then
    local time = redis.call('TIME')
    clock = tonumber(time[1]) * 1000000 + tonumber(time[2])
  end
  local shape = args[7]
  return {
    keys = keys, id = id, store = shared.of(keys, id, state[4]), people = people.used(keys, id, state[5]), shape = shape, width = 8 * (#shape - 1), keep = tonumber(args[8]),
    last = last, clock = clock, done = {}, requests = {}, new_requests = {}, partitions = 1,
    present = tonumber(state[2] or '0'), began = 0, full = state[3], judge = rules.of(state[6]),
    windows = windows.of(keys, args[1] ~= '' and args[1] or redis.call('HGET', keys[4], 'settings'), args[9]),
  }
end

-- A board that was not there is there from here on.
local function finish(work, args, is_accepted)
  local meta = work.keys[4]
  if is_accepted and not work.id then
    redis.call('HSET', meta, 'id', args[3], 'settings', args[1])
    if #work.windows > 0 then redis.call('HSET', meta, 'since', whole(work.since)) end
    work.id = args[3]
    shared.note(work)
    people.note(work)
  end
  if not work.id then return '' end
  if work.on then
    redis.call('HSET', meta, 'present', whole(work.present))
    windows.finish(work)
  end
  redis.call('HSET', meta, 'last', whole(work.last))
  work.seq = redis.call('HINCRBY', meta, 'seq', 1)
  requests.finish(work)
  return work.id
end

local writes = {}

-- Arguments: rank mode, how many passed, their mode or '', whether all is told of windows, whether they are a list, the id
-- behind the last one of a list under one id, what the caller was told of profiles or '', what was found of gains, submits.
function writes.submit(work, args)
  work.rank_mode, work.passed, work.passed_mode = args[10], tonumber(args[11]), args[12]
  work.is_all, work.is_list = args[13] == '1', args[14] == '1'
  local ones, answers = {}, {}
  for at = 18, #args, SUBMIT_ARGUMENTS do ones[#ones + 1] = submit_of(args, at) end
  if args[15] ~= '' and not requests.is_same_list(work, ones, args[15]) then
    return nil, refusal('LIST_REUSED')
  end
  people.hear(work, args[16])
  local refused = bans.refused(work, ones) or people.asks_known(work, ones)
  if not refused and work.judge then
    rules.begin(work, args[17])
    refused = rules.told(work, rules.refused(work, ones))
  end
  refused = refused or people.asks(work, ones)
  if refused then return nil, refused end
  for i, one in ipairs(ones) do
    local answer, is_other = requests.answer(work, one)
    if is_other then
      take_back(work)
      return nil, refusal('REQUEST_REUSED', i - 1)
    end
    if not answer then
      local why = rules.refused_now(work, one, i) or people.admit(work, one, i)
      if not why then answer, why = submit(work, one, i) end
      if not answer or work.last > MICROS_MAX then
        take_back(work)
        return nil, rules.told(work, why or refusal('CLOCK', i - 1, false))
      end
      rules.count(work, one)
      requests.keep(work, one, answer)
      people.keep(work, one, answer)
    end
    answers[i] = answer
  end
  local undecided = rules.told(work)
  if undecided then
    take_back(work)
    return nil, undecided
  end
  return answers, nil, #answers > 0
end

local function remove_one(work, id)
  local keys = work.keys
  local old = redis.call('HGET', keys[2], id)
  if not old then return bans.remove(work, id) end
  local rank = redis.call('ZRANK', keys[1], string.sub(old, 1, work.width + 8) .. id) + 1
  put(keys, work.width, id, old, false)
  return { old, rank }
end

-- Arguments: playerId, what is asked, whether sealed seasons are reached too, whether the player is taken off all boards.
-- Answers the record, its rank, from how many seasons the player was taken.
function writes.remove(work, args)
  local id, count = args[10], 0
  local closed = rules.closed(work)
  if closed and (args[13] ~= '1' or shared.knows(work, id, args[12] == '1')) then return nil, closed end
  for _, season in ipairs(windows.reached(work, nil, args[12] == '1')) do
    if remove_one(season, id)[1] then count = count + 1 end
  end
  local found = remove_one(work, id)
  found[3] = count
  return found
end

local function rename_one(work, id, what)
  local keys = work.keys
  local old = redis.call('HGET', keys[2], id)
  local is_hidden = not old
  if is_hidden then old = redis.call('HGET', keys[7], id) end
  if not old then return 0 end
  local name, metadata = details_of(old, work.width)
  local record = record_of(string.sub(old, 1, work.width + 8), given(what, name), metadata)
  if record ~= old then do_put(work, id, old, record, is_hidden) end
  return 1
end

function writes.create(work)
  if work.id or #work.windows == 0 then return work.id and 0 or 1, nil, true end
  local present = windows.present(work)
  local refused = windows.turn(work, present)
  if refused then
    take_back(work)
    return nil, refused
  end
  windows.since(work, present)
  return 1, nil, true
end

-- Whoever changes boards by their names only does not know their settings.
local function use_stored_settings(work)
  local settings = cjson.decode(redis.call('HGET', work.keys[4], 'settings'))
  work.width = 8 * #settings.columns
  work.mode, work.shape = settings.mode, string.sub(settings.type, 1, 1)
  for _, column in ipairs(settings.columns) do work.shape = work.shape .. string.sub(column.order, 1, 1) end
  work.keep = type(settings.keep) == 'number' and settings.keep or 0
  work.partitions = settings.partitions or 1
end

-- ARGV: settings, id that the caller knows, id of a new board, name of the change, now or '', the latest time
-- that the caller was answered, shape, keep or 0, seasons given or '', its arguments.
local function write(keys, args)
  local id, refused = open(keys, args[1], args[2])
  if refused then return refused end
  local work = begin(keys, args, id)
  if args[1] == '' and id then use_stored_settings(work) end
  local settings = args[1] ~= '' and args[1] or redis.call('HGET', keys[4], 'settings')
  keys.is_partition = is_partition(settings or '')
  work.change = args[4]
  if id and #work.windows > 0 then
    refused = windows.turn(work, windows.present(work))
    if refused then
      take_back(work)
      if not windows.needs_none(work) then return refused end
    end
  end
  bans.end_due(work)
  local answer, why, is_accepted = writes[args[4]](work, args)
  local now_id = not why and finish(work, args, is_accepted)
  -- A change that is refused may have ended bans.
  replicas.note_full(work)
  if why then return why end
  return { now_id, whole(work.last), answer or false, work.seq or 0 }
end

local function drop(keys, args)
  local id, refused = open(keys, '', '')
  if not id then return refusal('NO_BOARD') end
  local size = redis.call('ZCARD', keys[1])
  local kept, told = bans.keep_of_all(keys), redis.call('HGET', keys[8], '#')
  windows.drop(keys)
  rules.drop(keys)
  redis.call('UNLINK', unpack(keys))
  -- It never falls, so that nobody takes another number for the one that was read.
  if told then redis.call('HSET', keys[8], '#', told) end
  for _, one in ipairs(kept) do bans.put(keys, one[1], one[2]) end
  bans.note_end(keys)
  return { id, '0', size }
end

-- The list of names lies in a slot of its own: it holds all boards that are there, and some that were.
local function names(keys)
  return redis.call('HKEYS', keys[1])
end

redis.register_function { function_name = 'ladderdb_1_read', callback = read, flags = { 'no-writes' } }
redis.register_function { function_name = 'ladderdb_1_names', callback = names, flags = { 'no-writes' } }
redis.register_function('ladderdb_1_write', write)
redis.register_function('ladderdb_1_drop', drop)
