--[[
Rules of a board: what a submit must pass before anything is changed. They judge as domain/rules.ts does.

    in m    rules: the rules as callers read them, JSON; judge: what of them is judged here, JSON
            rules version: when they were altered, it rises; rules told: in a home, the version that all partitions have
    t       HASH: playerId -> times of submits that were taken, 8 bytes each, in ascending order
    t:last  ZSET: playerId, the latest of these times as the score

A board without rules has none of this. (10) `judge` is there exactly if `rules` is. In `judge` a cell is two numbers of 32
bits, the higher one first, in ascending order whatever the order of the board is.

Gains of whole numbers are exact. The gain between two doubles is that of their shortest decimals, which Lua does not
know; but it is near the difference of the doubles. Where that is too near the bound to tell, nothing is changed, and the
refusal JUDGE names the pairs; the caller decides them, and calls again with what it found.

Times count by the clock of the function, or by the last time that the board gave if that is later by less than a minute: a
clock that was far off blocks nobody.
]]

do
  local MINUTE_MICROS = 60000000
  local TIMES_SWEPT = 4
  local TIMES_SECONDS = 180
  local SAFE_MAX = EXACT_MAX - 1

  function rules.of(text)
    return text and cjson.decode(text) or nil
  end

  local function times_keys(keys)
    local key = string.sub(keys[4], 1, -2) .. 't'
    return key, key .. ':last'
  end

  -- The first column of a score.
  local function first_cell(shape, score)
    local high, low = struct.unpack('>I4I4', score)
    if string.sub(shape, 2, 2) == 'd' then return ALL_32 - high, ALL_32 - low end
    return high, low
  end

  local function is_less(a_high, a_low, b_high, b_low)
    return a_high < b_high or (a_high == b_high and a_low < b_low)
  end

  local function is_outside(judge, shape, score)
    local high, low = first_cell(shape, score)
    local min, max = judge.min, judge.max
    return (min ~= nil and is_less(high, low, min[1], min[2])) or (max ~= nil and is_less(max[1], max[2], high, low))
  end

  -- Whether an integer that is greater than another one is so by more than `by`. The difference may take 64 bits.
  local function is_integer_beyond(from, to, by)
    local high, low = to[1] - from[1], to[2] - from[2]
    if low < 0 then high, low = high - 1, low + TWO_32 end
    return is_less(by[1] - SIGN_32, by[2], high, low)
  end

  local function is_safe(double)
    return double == math.floor(double) and math.abs(double) <= SAFE_MAX
  end

  -- The same of doubles; nil if it cannot be told. A shortest decimal is within half a step of its double, and so is
  -- the bound within half a step of all that is rounded to it.
  local function is_double_beyond(from, to, by)
    local a, b, bound = double_of(from[1], from[2]), double_of(to[1], to[2]), double_of(by[1], by[2])
    local gain = b - a
    if a == 0 or b == 0 or (is_safe(a) and is_safe(b) and is_safe(gain)) then return gain > bound end
    local slack = (math.abs(a) + math.abs(b) + bound) * 2 ^ -50 + 2 ^ -1060
    if gain > bound + slack then return true end
    if gain <= bound - slack then return false end
  end

  -- Whether what a submit gains is more than the board takes at once; nil, and the name of the pair, if that cannot be told.
  function rules.is_beyond(shape, by, one, previous)
    local is_increment = one.mode == 'increment'
    if not is_increment and not previous then return false end
    local from, to = { SIGN_32, 0 }, { first_cell(shape, one.score) }
    if not is_increment then from = { first_cell(shape, previous) } end
    if string.sub(shape, 2, 2) ~= 'd' then from, to = to, from end
    if not is_less(from[1], from[2], to[1], to[2]) then return false end
    local is_integer = string.sub(shape, 1, 1) == 'i'
    local beyond
    if is_integer then beyond = is_integer_beyond(from, to, by) else beyond = is_double_beyond(from, to, by) end
    if beyond ~= nil then return beyond end
    return nil, string.format('%08x%08x%08x%08x%08x%08x', from[1], from[2], to[1], to[2], by[1], by[2])
  end

  local function rule_refusal(work, i, previous, kind, ...)
    return refusal('RULE', i - 1, previous or false, kind, redis.call('HGET', work.keys[4], 'rules'), ...)
  end

  -- What the player has, seen or not; nil if nothing.
  local function score_before(work, id)
    local record = redis.call('HGET', work.keys[2], id) or redis.call('HGET', work.keys[7], id)
    return record and string.sub(record, 1, work.width) or nil
  end

  -- The score that a submit is judged by; nil if the sum is not exact.
  local function judged_score(work, one, previous)
    if one.mode ~= 'increment' then return one.score end
    return sum_of(work.shape, previous, one.score)
  end

  local function head_of(score)
    return score and score .. string.rep('\0', 8)
  end

  local function range_refusal(work, one, i, previous)
    local score = judged_score(work, one, previous)
    if score and not is_outside(work.judge, work.shape, score) then return nil, score end
    return rule_refusal(work, i, head_of(previous), 'score')
  end

  -- A pair that is not told passes for now: the caller is asked about it before anything is answered.
  local function gain_refusal(work, one, i, previous)
    local by = work.judge.by
    if not by then return nil end
    local beyond, pair = rules.is_beyond(work.shape, by, one, previous)
    if pair then
      beyond = work.verdicts[pair] == 1
      if work.verdicts[pair] == nil then work.undecided[#work.undecided + 1] = pair end
    end
    if beyond then return rule_refusal(work, i, head_of(previous), 'score') end
  end

  local function present_of(work)
    if work.last > work.clock and work.last - work.clock < MINUTE_MICROS then return work.last end
    return work.clock
  end

  -- The times of a player that count at an instant: neither past, nor far ahead.
  local function times_of(work, id, micros)
    local key = times_keys(work.keys)
    local text, found = redis.call('HGET', key, id) or '', {}
    local stop = (math.floor(micros / MINUTE_MICROS) + 2) * MINUTE_MICROS
    for at = 1, #text, 8 do
      local time = micros_of(string.sub(text, at, at + 7))
      if time > micros - MINUTE_MICROS and time < stop then found[#found + 1] = time end
    end
    return found
  end

  -- Of `total` submits of the player in one change, `before` are in front of this one.
  local function rate_refusal(work, one, i, before, total)
    local most = work.judge.perMinute
    if not most then return nil end
    if total > most then return rule_refusal(work, i, false, 'many', total) end
    local micros = present_of(work)
    local times = times_of(work, one.id, micros)
    if #times + before < most then return nil end
    local last = times[#times + total - most]
    return rule_refusal(work, i, false, 'rate', #times + before, whole(last or micros), whole(micros))
  end

  -- A board may take submits of players with a profile only.
  local function unknown_refusal(work, one, i)
    if not work.judge.known then return nil end
    local is_known = people.is_known(work, one.id)
    if is_known == nil then return refusal('PROFILES', one.id) end
    if not is_known then return rule_refusal(work, i, false, 'unknown') end
  end

  local function judge_one(work, one, i)
    local judge, unknown = work.judge, unknown_refusal(work, one, i)
    if unknown then return unknown end
    local previous = (one.mode == 'increment' or judge.by) and score_before(work, one.id) or nil
    return range_refusal(work, one, i, previous) or rate_refusal(work, one, i, 0, 1) or gain_refusal(work, one, i, previous)
  end

  -- Those of a list that are to be made, by their places, and how many there are of each player.
  local function news_of(work, ones)
    local news, totals, seen = {}, {}, {}
    for i, one in ipairs(ones) do
      local is_again = one.request ~= '' and (seen[one.request] or requests.answer(work, one))
      if one.request ~= '' then seen[one.request] = true end
      if not is_again then
        news[i] = one
        totals[one.id] = (totals[one.id] or 0) + 1
      end
    end
    return news, totals
  end

  local function score_after(one, score, previous)
    if one.mode == 'best' and previous and not precedes(score, previous) then return previous end
    return score
  end

  -- Judges a list before the first of it is made. A board that keeps the best may push players out in between: there scores
  -- are judged when their turn comes.
  local function judge_all(work, ones)
    local news, totals = news_of(work, ones)
    local scores, counts = {}, {}
    for i = 1, #ones do
      local one = news[i]
      if one then
        local id, is_known = one.id, work.keep == 0
        local refused, score = unknown_refusal(work, one, i), nil
        if refused then return refused end
        if is_known then
          if scores[id] == nil then scores[id] = score_before(work, id) or false end
          refused, score = range_refusal(work, one, i, scores[id] or nil)
        end
        counts[id] = (counts[id] or 0) + 1
        refused = refused or rate_refusal(work, one, i, counts[id] - 1, totals[id])
          or is_known and gain_refusal(work, one, i, scores[id] or nil)
        if refused then return refused end
        if is_known then scores[id] = score_after(one, score, scores[id] or nil) end
      end
    end
  end

  -- What the caller found of pairs that were asked about before, JSON.
  function rules.begin(work, verdicts)
    work.verdicts = verdicts ~= '' and cjson.decode(verdicts) or {}
    work.undecided, work.counted = {}, {}
  end

  -- A refusal, or that pairs are to be decided first.
  function rules.told(work, refused)
    local count = work.undecided and #work.undecided or 0
    if count == 0 then return refused end
    return refusal('JUDGE', unpack(work.undecided, 1, math.min(count, CHUNK)))
  end

  -- Judges a submit, or a row of a file, by itself.
  rules.refused_alone = judge_one

  -- Judges a list as a whole, before anything is changed.
  function rules.refused(work, ones)
    if work.is_list then return judge_all(work, ones) end
    local answer, is_other = requests.answer(work, ones[1])
    if not answer and not is_other then return judge_one(work, ones[1], 1) end
  end

  -- Judges one of a list when its turn has come, on a board that keeps the best.
  function rules.refused_now(work, one, i)
    if not work.judge or not work.is_list or work.keep == 0 then return nil end
    local previous = score_before(work, one.id)
    return range_refusal(work, one, i, previous) or gain_refusal(work, one, i, previous)
  end

  -- The refusal of a change if the store or the board takes none; of submits by their number.
  function rules.closed(work, ...)
    if work.store.is_closed then return refusal('CLOSED_FOR_WRITES', ...) end
    if work.judge and work.judge.closed then return refusal('CLOSED_BOARD', ...) end
  end

  local function sweep(work, least, most)
    local key, last = times_keys(work.keys)
    local gone = redis.call('ZRANGEBYSCORE', last, least, most, 'LIMIT', 0, TIMES_SWEPT)
    if #gone == 0 then return end
    redis.call('HDEL', key, unpack(gone))
    redis.call('ZREM', last, unpack(gone))
  end

  -- Notes that a submit was taken, and removes times that count no more.
  function rules.count(work, one)
    if not (work.judge and work.judge.perMinute) then return end
    local key, last = times_keys(work.keys)
    local micros = present_of(work)
    local minute = math.floor(micros / MINUTE_MICROS)
    local text = redis.call('HGET', key, one.id)
    if not text then
      sweep(work, '-inf', '(' .. whole((minute - 1) * MINUTE_MICROS))
      sweep(work, whole((minute + 2) * MINUTE_MICROS), '+inf')
    end
    local times = times_of(work, one.id, micros)
    times[#times + 1] = micros
    table.sort(times)
    for i, time in ipairs(times) do times[i] = bytes_of(time) end
    redis.call('HSET', key, one.id, table.concat(times))
    redis.call('ZADD', last, whole(micros), one.id)
    redis.call('EXPIRE', key, TIMES_SECONDS)
    redis.call('EXPIRE', last, TIMES_SECONDS)
    work.done[#work.done + 1] = function()
      if text then redis.call('HSET', key, one.id, text) else redis.call('HDEL', key, one.id) end
      if not text then redis.call('ZREM', last, one.id) end
    end
  end

  -- Forgets how often a player has submitted.
  function rules.forget(keys, id)
    local key, last = times_keys(keys)
    redis.call('HDEL', key, id)
    redis.call('ZREM', last, id)
  end

  function rules.drop(keys)
    redis.call('UNLINK', times_keys(keys))
  end

  local function put_rules(work, text, judge)
    local meta = work.keys[4]
    if text == '' then redis.call('HDEL', meta, 'rules', 'judge') return end
    redis.call('HSET', meta, 'rules', text, 'judge', judge)
  end

  -- Arguments from `at` on: '' if the rules stay, or '1', the rules as the caller knew them or '', as they are to be or '',
  -- and what of these is judged; then a version below the new one, if some partition has it. Answers a refusal with the rules
  -- that hold if these are others.
  function rules.altered(work, args, at)
    if args[at] == '' then return nil end
    local holds = redis.call('HGET', work.keys[4], 'rules') or ''
    if holds ~= args[at + 1] then return refusal('RULES_DIFFER', holds) end
  end

  function rules.alter(work, args, at)
    if args[at] == '' then return nil end
    put_rules(work, args[at + 2], args[at + 3])
    local before = tonumber(redis.call('HGET', work.keys[4], 'rules version') or '0')
    local above = tonumber(args[at + 4] or '0')
    local version = whole(math.max(before + 1, above + 1, work.clock))
    redis.call('HSET', work.keys[4], 'rules version', version)
    return version
  end

  -- Arguments: as above. Answers the version.
  function writes.alter_rules(work, args)
    local refused = rules.altered(work, args, 10)
    if refused then return nil, refused end
    return rules.alter(work, args, 10)
  end

  -- Gives a partition the rules of its board. Arguments: id of the board, version of the rules, rules or '', what of them is
  -- judged.
  function writes.tell_rules(work, args)
    local meta, version = work.keys[4], tonumber(args[11])
    if work.id ~= args[10] then return 0 end
    if tonumber(redis.call('HGET', meta, 'rules version') or '0') >= version then return 0 end
    put_rules(work, args[12], args[13])
    redis.call('HSET', meta, 'rules version', whole(version))
    return 1
  end

  -- Notes at home that all partitions have the rules of a version.
  function writes.rules_told(work, args)
    local meta, version = work.keys[4], tonumber(args[10])
    if tonumber(redis.call('HGET', meta, 'rules told') or '0') < version then
      redis.call('HSET', meta, 'rules told', whole(version))
    end
    return 1
  end

  -- Answers the rules, false if there are none, their version, the version that all partitions have, and what the board was
  -- told of the store.
  function reads.rules(keys)
    return redis.call('HMGET', keys[4], 'rules', 'rules version', 'rules told', 'store')
  end

  -- The rules of a board that has tiers, and the scores at the ranks to which they go; `total` counts a newcomer, if there is
  -- one. No partition knows the ranks of its board.
  function rules.tiers(keys, width, total, is_part)
    local text = redis.call('HGET', keys[4], 'rules')
    if not text or not string.find(text, '"tiers":', 1, true) then return false end
    local scores = {}
    for _, tier in ipairs(is_part and {} or cjson.decode(text).tiers) do
      local rank = tier.rank
      if tier.topPercent then rank = math.max(1, math.floor(total * tier.topPercent / 100 * (1 + 2 ^ -51))) end
      if rank then
        scores[#scores + 1] = whole(rank)
        scores[#scores + 1] = score_at(keys, width, rank, 'competition')
      end
    end
    return { text, scores }
  end
end
