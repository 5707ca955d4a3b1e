--[[
Windows of a board. Each window divides time into seasons, and each season is a small board in the slot of the board.

    m                 since: when the board was made; present: the latest time at which it was changed; floor<n>, on<n>,
                      left<n>: see windows.floor(); gone<n>: when the last of those began that were started by hand and
                      whose keys are dropped; since<n>, sealed<n>, kept<n>: of a board that was altered, see alter.lua
    w<n>              ZSET: id of a season, its start in microseconds as the score; n is the number of the window
    w<n>:ends         HASH: id -> its end in microseconds, empty while it goes on; ids are never used twice
    s<n>:<start>:e, :p, :d, :h     entries, records, distinct scores and hidden players of a season, as of a board
    z                 HASH: playerId -> "n:start ...": seasons that were sealed when a ban took the player off them

All these keys begin as the keys of the board do. The keys of seasons are not among KEYS: only the function knows which
season an instant lies in.

The number of a window is its place among the windows of the board. Once these were altered, the settings have the
numbers. No number is given twice, so a season that was worked out for a window that is gone never serves another window.

The caller has the calendar, and gives the seasons around the instants of the call. If none of them fits, nothing is
changed and the answer is the refusal SEASON: the caller works out that season and calls again. Stored seasons win over
given ones: a stored season never gets another border, and the next one begins where it ends.

(8) Seasons of a window do not overlap, so that no instant lies in two. (9) The present decides which season is on and
which are sealed. It is the latest of the clock, the last time that was given, and the present of earlier changes. It
never falls, so that a sealed season is never opened again, and no time is given that lies before a season that is on.
]]

local GRACE_MS = 600000
local SEASON_KEYS = { 'e', 'p', 'd', 'h' }
local SEASONS_DROPPED = 8
local SEASONS_LOOKED_AT = 1000

local function number_or_nil(value)
  if type(value) == 'number' then return value end
end

-- Reads what alterations noted of each window. A board that was never altered has none of it.
local function read_altered(keys, found)
  for _, window in ipairs(found) do
    local k = window.number
    local state = redis.call('HMGET', keys[4], 'since' .. k, 'sealed' .. k, 'left' .. k, 'kept' .. k)
    window.since, window.sealed_end = tonumber(state[1]), tonumber(state[2])
    window.left, window.kept = tonumber(state[3]), tonumber(state[4])
  end
end

local function has_windows(settings)
  return settings and string.find(settings, '"windows":[', 1, true) ~= nil
end

-- The seasons that a call gives. A partition takes those only that the home has fixed: see home.lua.
local function given_seasons(keys, given)
  local all = given and given ~= '' and cjson.decode(given) or {}
  if not all.fixed and string.find(keys[4], '{[^{}]*:[^{}]*}:m$') then return {} end
  return all
end

-- The windows that stored settings name, with their keys. A board without windows pays for one search in the text.
function windows.of(keys, settings, given)
  if not has_windows(settings) then return {} end
  local prefix = string.sub(keys[4], 1, -2)
  local all_given = given_seasons(keys, given)
  local stored, found = cjson.decode(settings), {}
  for n, one in ipairs(stored.windows) do
    local k = stored.numbers and stored.numbers[n] or n
    local index = prefix .. 'w' .. k
    found[n] = {
      place = n, number = k, name = one.name, index = index, ends = index .. ':ends', prefix = prefix .. 's' .. k .. ':',
      is_manual = one.every == 'manual', mode = one.mode, keep = number_or_nil(one.keep),
      grace = (number_or_nil(one.graceMs) or GRACE_MS) * 1000, retain = number_or_nil(one.retain),
      finals = one.finals == true, is_gain = one.value == 'gain', given = {}, meta = keys[4],
    }
    for i, season in ipairs(all_given[whole(k)] or {}) do
      found[n].given[i] = {
        id = season[1], from = season[2], to = season[3], floor_id = season[4], floor_from = season[5],
        counts = season[6] == 1,
      }
    end
  end
  if stored.numbers then read_altered(keys, found) end
  return found
end

-- The window of a name; nil and a refusal if there is none.
function windows.named(all, name)
  for _, window in ipairs(all) do
    if window.name == name then return window end
  end
  return nil, refusal('NO_WINDOW', name)
end

local function stored_season(window, id, from)
  local to = redis.call('HGET', window.ends, id)
  return { id = id, from = tonumber(from), to = tonumber(to), is_stored = true }
end

-- The last stored season that begins by an instant; the first one that begins behind it.
local function season_by(window, micros)
  local found = redis.call('ZREVRANGEBYSCORE', window.index, whole(micros), '-inf', 'WITHSCORES', 'LIMIT', 0, 1)
  if found[1] then return stored_season(window, found[1], found[2]) end
end

local function season_behind(window, micros)
  local found = redis.call('ZRANGEBYSCORE', window.index, '(' .. whole(micros), '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
  if found[1] then return stored_season(window, found[1], found[2]) end
end

-- The refusal that asks the caller for the season of an instant, with what is stored next to it.
local function missing(window, micros)
  local before, behind = season_by(window, micros), season_behind(window, micros)
  local answer = refusal('SEASON', window.number, whole(micros))
  for _, one in ipairs({ before or {}, behind or {} }) do
    answer[#answer + 1] = one.id or ''
    answer[#answer + 1] = one.from and whole(one.from) or ''
    answer[#answer + 1] = one.to and whole(one.to) or ''
  end
  return answer
end

-- The season that an instant lies in, stored or not; nil before the first one of a manual window. The second answer is
-- a refusal if only the caller can work the season out.
function windows.at(window, micros)
  local before = season_by(window, micros)
  if before and (not before.to or micros < before.to) then return before end
  if window.is_manual then return nil end
  for _, one in ipairs(window.given) do
    if one.from <= micros and micros < one.to then
      -- Another process gave this season other borders, by other zone data: it must not begin twice (8).
      if redis.call('HEXISTS', window.ends, one.id) == 1 then return nil, missing(window, micros) end
      local behind = season_behind(window, micros)
      return {
        id = one.id,
        from = math.max(one.from, before and before.to or one.from),
        to = math.min(one.to, behind and behind.from or one.to),
        counts = one.counts,
      }
    end
  end
  return nil, missing(window, micros)
end

-- The floor while the season `on` is on: seasons that begin before it have left. floor<n> is the floor of the season
-- on<n>. The second answer is a refusal if only the caller can work the floor out.
function windows.floor(keys, window, on)
  if not window.retain then return window.left end
  local state = redis.call('HMGET', keys[4], 'floor' .. window.number, 'on' .. window.number)
  local fixed = tonumber(state[1])
  if not on or state[2] == on.id then return fixed end
  return windows.floor_behind(window, on, fixed)
end

-- The floor as it is worked out; it never falls below `fixed`.
function windows.floor_behind(window, on, fixed)
  local from
  if window.is_manual then
    local last = redis.call(
      'ZREVRANGEBYSCORE', window.index, whole(on.from), '-inf', 'WITHSCORES', 'LIMIT', window.retain, 1)
    from = tonumber(last[2])
  else
    local is_told = false
    for _, one in ipairs(window.given) do
      if one.id == on.id then
        is_told, from = true, tonumber(redis.call('ZSCORE', window.index, one.floor_id) or one.floor_from)
      end
    end
    if not is_told then return nil, missing(window, on.from) end
  end
  return from and math.max(from, fixed or from) or fixed
end

-- A season that was sealed when the grace was altered stays sealed: `sealed_end` is the end of the last such season.
function windows.is_sealed(window, season, micros)
  if not season.to then return false end
  return micros >= season.to + window.grace or (window.sealed_end ~= nil and season.to <= window.sealed_end)
end

-- Whether a season of the calendar does not count: it is not stored, nor in any other partition, and it was over when the
-- board was made, or when the window was added.
local function is_before_first(window, season, since)
  return not season.is_stored and not season.counts and season.to ~= nil and season.to <= (window.since or since)
end

-- The keys of a season, in the order of the keys of a board.
local function season_keys(keys, window, season)
  local prefix = window.prefix .. whole(season.from) .. ':'
  return {
    prefix .. 'e', prefix .. 'p', prefix .. 'd', keys[4], keys[5], keys[6], prefix .. 'h', keys[8],
    is_partition = keys.is_partition,
  }
end

local function season_work(work, window, season)
  return {
    keys = season_keys(work.keys, window, season), shape = work.shape, width = work.width,
    keep = window.keep or work.keep, done = work.done, clock = work.clock, last = work.last,
    rank_mode = work.rank_mode or '', passed = 0, passed_mode = '', window = window, season = season,
  }
end

function windows.present(work)
  return math.max(work.clock, work.last, work.present)
end

-- Gives the next time of the board; it lies in the seasons that are on (9).
local function give_time(work)
  work.last = math.max(work.clock, work.last + 1, work.began)
  work.present = math.max(work.present, work.last)
end

-- The time of a row of an import: in partitions its own, by which all keep the order of the lines; it lies in the seasons
-- that are on. Else the next one of the board.
local function time_of_row(work, bytes)
  if not bytes or not work.keys.is_partition then
    give_time(work)
    return bytes_of(work.last)
  end
  local micros = math.max(micros_of(bytes), work.began)
  work.last = math.max(work.last, micros)
  work.present = math.max(work.present, work.last)
  return bytes_of(micros)
end

-- When the board was made; the present if it does not exist.
function windows.since(work, present)
  work.since = work.since or tonumber(redis.call('HGET', work.keys[4], 'since')) or present
  return work.since
end

local function undo(work, action)
  work.done[#work.done + 1] = action
end

local function store_season(work, window, season)
  if season.is_stored then return end
  redis.call('ZADD', window.index, whole(season.from), season.id)
  redis.call('HSET', window.ends, season.id, season.to and whole(season.to) or '')
  season.is_stored = true
  undo(work, function()
    redis.call('ZREM', window.index, season.id)
    redis.call('HDEL', window.ends, season.id)
  end)
end

-- Whether any season can lie before a floor: the calendar counts on where the board had none.
local function has_any_left(work, window, floor)
  local first = redis.call('ZRANGE', window.index, 0, 0, 'WITHSCORES')
  local since = window.since or windows.since(work, windows.present(work))
  return floor > math.min(since, tonumber(first[2] or since))
end

windows.undo, windows.store, windows.season_keys = undo, store_season, season_keys
windows.work_of = season_work

-- Whether a season that is fixed counts as one of the board.
function windows.counts(work, window, season)
  return not is_before_first(window, season, work.since)
end

function windows.keys_of(work, window, season)
  return season_keys(work.keys, window, season)
end

-- Undoes all but the first `count` steps of a change.
local function take_back_to(work, count)
  for i = #work.done, count + 1, -1 do
    work.done[i]()
    work.done[i] = nil
  end
end

-- left<n> stays the floor if a larger `retain` is set later.
local function open_season(work, window, on, floor)
  local k = window.number
  local meta, fields = work.keys[4], { 'floor' .. k, 'on' .. k, 'left' .. k }
  store_season(work, window, on)
  if not window.retain then return end
  local before = redis.call('HMGET', meta, unpack(fields))
  if before[2] == on.id then return end
  redis.call('HSET', meta, fields[2], on.id)
  if floor then
    redis.call('HSET', meta, fields[1], whole(floor))
    if has_any_left(work, window, floor) then redis.call('HSET', meta, fields[3], whole(floor)) end
  end
  undo(work, function()
    for i, field in ipairs(fields) do
      if before[i] then redis.call('HSET', meta, field, before[i]) else redis.call('HDEL', meta, field) end
    end
  end)
end

windows.open = open_season

-- When the last season was sealed that was not sealed at an earlier present; nil if none was.
local function sealed_since(window, on, before, present)
  if on and on.from <= before - window.grace then return nil end
  local latest = present - window.grace
  local found = redis.call('ZREVRANGEBYSCORE', window.index, whole(latest), '-inf', 'WITHSCORES', 'LIMIT', 0, 2)
  for i = 1, #found, 2 do
    local season = stored_season(window, found[i], found[i + 1])
    local is_sealed = season.to and season.to <= latest
    if is_sealed and windows.is_sealed(window, season, before) then return nil end
    if is_sealed then return season.to + window.grace end
  end
end

-- Notes that a border has passed, or a season was sealed: if the clock steps back, no time is given that lies before. The
-- present itself stays free for a submit, but at the very border. As keepTime() of embedded/seasons/turn.ts.
function windows.keep_time(work, passed, present)
  work.last = math.max(work.last, passed, present - 1)
end

-- Opens the seasons that are on. Afterwards `work.on` has them by the places of their windows, `work.floors` has the
-- floors, and `work.began` is when the last of them began. Answers a refusal if only the caller can work a season out.
function windows.turn(work, present)
  if work.on and present < work.turns_at then return nil end
  local on, floors, turns_at, began = {}, {}, math.huge, 0
  for n, window in ipairs(work.windows) do
    local season, refused = windows.at(window, present)
    refused = refused or windows.fence(work, window)
    if refused then return refused end
    local floor
    floor, refused = windows.floor(work.keys, window, season)
    if refused then return refused end
    on[n], floors[n] = season or false, floor or false
    if season then
      open_season(work, window, season, floor)
      turns_at = math.min(turns_at, season.to or turns_at)
      began = math.max(began, season.from)
    end
    if season and season.from > work.present then windows.keep_time(work, season.from, present) end
    local sealed = sealed_since(window, season, work.present, present)
    if sealed then windows.keep_time(work, sealed, present) end
  end
  work.present = math.max(work.present, present)
  work.on, work.floors, work.turns_at, work.began = on, floors, turns_at, began
  return nil
end

-- Drops the keys of at most `count` seasons that begin before a floor. Seasons before `kept` stay: they tell finals.
function windows.drop_left(window, floor, count)
  local least, mark = window.kept and whole(window.kept) or '-inf', 'gone' .. window.number
  local last = window.is_manual and tonumber(redis.call('HGET', window.meta, mark))
  if last and last >= (window.kept or 0) then least = '(' .. whole(last) end
  local gone = redis.call('ZRANGEBYSCORE', window.index, least, '(' .. floor, 'WITHSCORES', 'LIMIT', 0, count)
  for i = 1, #gone, 2 do
    local from = whole(tonumber(gone[i + 1]))
    if window.is_manual then
      -- That there was a season which was started by hand, and when, only the index tells.
      windows.unlink_keys(window, from)
      redis.call('HSET', window.meta, mark, from)
    else
      windows.unlink(window, gone[i], from)
      redis.call('HDEL', window.ends, gone[i])
    end
  end
end

-- Drops the keys of some seasons that have left; each change does. With finals the entries stay: they tell the finals.
function windows.finish(work)
  for _, window in ipairs(work.windows) do
    if not window.finals then
      local floor = window.retain and redis.call('HGET', work.keys[4], 'floor' .. window.number)
        or not window.retain and window.left and whole(window.left)
      if floor then windows.drop_left(window, floor, SEASONS_DROPPED) end
    end
  end
end

function windows.unlink_keys(window, from)
  local prefix = window.prefix .. whole(tonumber(from)) .. ':'
  for _, key in ipairs(SEASON_KEYS) do redis.call('UNLINK', prefix .. key) end
end

function windows.unlink(window, id, from)
  windows.unlink_keys(window, from)
  redis.call('ZREM', window.index, id)
end

function windows.drop_all(window)
  local all = redis.call('ZRANGE', window.index, 0, -1, 'WITHSCORES')
  for i = 1, #all, 2 do windows.unlink(window, all[i], all[i + 1]) end
  redis.call('UNLINK', window.index, window.ends)
end

-- Drops all seasons of a board that is dropped.
function windows.drop(keys)
  for _, window in ipairs(windows.of(keys, redis.call('HGET', keys[4], 'settings'))) do windows.drop_all(window) end
  local prefix = string.sub(keys[4], 1, -2)
  redis.call('UNLINK', prefix .. 'z', prefix .. 'f')
end

-- The seasons that a change to the board reaches, as works: those that are not sealed at `as_of`, by default at the
-- present; with `too` those that are sealed as well.
function windows.reached(work, as_of, too)
  local found = {}
  -- A board that does not exist has no seasons.
  if not work.floors then return found end
  for n, window in ipairs(work.windows) do
    local floor = work.floors[n] or nil
    local least = floor and whole(floor) or '-inf'
    -- Newest first: all seasons behind the first sealed one are sealed.
    local all = redis.call('ZREVRANGEBYSCORE', window.index, '+inf', least, 'WITHSCORES')
    for i = 1, #all, 2 do
      local season = stored_season(window, all[i], all[i + 1])
      local is_over = windows.is_sealed(window, season, as_of or windows.present(work))
      if is_over and not too then break end
      local one = season_work(work, window, season)
      one.is_over = is_over
      found[#found + 1] = one
    end
  end
  return found
end

function windows.trim(season)
  remove_surplus(season)
end

function windows.name(one)
  return one.window.number .. ':' .. whole(one.season.from)
end

-- The seasons that were sealed when a ban took a player off them.
function windows.taken(work, id)
  if #work.windows == 0 then return {} end
  local names = redis.call('HGET', string.sub(work.keys[4], 1, -2) .. 'z', id)
  local taken = {}
  if names then for name in string.gmatch(names, '%S+') do taken[name] = true end end
  return taken
end

function windows.take(work, id, taken)
  local key, names = string.sub(work.keys[4], 1, -2) .. 'z', {}
  for name in pairs(taken) do names[#names + 1] = name end
  table.sort(names)
  if #names == 0 then redis.call('HDEL', key, id) else redis.call('HSET', key, id, table.concat(names, ' ')) end
end

-- By how much a score of one descending column rose, as an ordered score: 0 if it did not rise, nil beyond 64 bits.
local function rise_of(shape, before, after)
  local high, low = struct.unpack('>I4I4', after)
  high, low = ALL_32 - high, ALL_32 - low
  local before_high, before_low = SIGN_32, 0
  if before then
    before_high, before_low = struct.unpack('>I4I4', before)
    before_high, before_low = ALL_32 - before_high, ALL_32 - before_low
  end
  local is_integer = string.sub(shape, 1, 1) == 'i'
  local rise_high, rise_low = SIGN_32, 0
  if is_integer then
    local is_more = high > before_high or (high == before_high and low > before_low)
    if is_more then
      rise_low, rise_high = low - before_low, high - before_high + SIGN_32
      if rise_low < 0 then rise_low, rise_high = rise_low + TWO_32, rise_high - 1 end
      if rise_high > ALL_32 then return nil end
    end
  else
    local rise = double_of(high, low) - (before and double_of(before_high, before_low) or 0)
    if rise > 0 then rise_high, rise_low = halves_of(rise) end
  end
  return struct.pack('>I4I4', ALL_32 - rise_high, ALL_32 - rise_low)
end

-- What a submit to the board submits to a season.
local function submit_of_season(work, window, one, main)
  local asked = {
    id = one.id, mode = window.mode or one.mode, score = one.score, at = one.at, time = one.time,
    name = one.name, metadata = one.metadata, only = '', expected = '',
  }
  -- A new season knows no names: the player gets the name that the board shows.
  if asked.name == 'k' and main.name then asked.name = 's' .. main.name end
  if window.is_gain then
    asked.mode = 'increment'
    asked.score = rise_of(work.shape, main.head and string.sub(main.head, 1, work.width), main.score)
  end
  return asked
end

-- Why a submit does not go to the season that it names, and which season its time lies in; nil if it does.
local function guard_problem(goal, id, present)
  local season = goal.season
  if not season then return 'none', '' end
  if season.id ~= id then return 'other', season.id end
  if season.from > present then return 'coming', '' end
  if not goal.takes then return 'sealed', '' end
end

-- Whether a season takes a submit. Rows of an import go by the present of its first call, and fill some seasons that
-- take nothing else.
local function takes_submit(work, window, season, present)
  local is_over = windows.is_sealed(window, season, work.held or present)
    or is_before_first(window, season, work.since)
  if is_over then return work.fills ~= nil and work.fills(window, season) end
  return true
end

-- Where a submit goes in each window; or nil and a refusal.
local function goals_of(work, one, i)
  local refused = windows.turn(work, windows.present(work))
  if refused then return nil, refused end
  if one.at == '' then
    one.time = time_of_row(work, one.time)
    refused = windows.turn(work, windows.present(work))
    if refused then return nil, refused end
  end
  local present = windows.present(work)
  local goals, by_name = {}, {}
  windows.since(work, present)
  for n, window in ipairs(work.windows) do
    local season = work.on[n] or nil
    if one.at ~= '' then
      season, refused = windows.at(window, micros_of(one.at))
      if refused then return nil, refused end
    end
    local has_left = season and work.floors[n] and season.from < work.floors[n]
    local takes = season and not has_left and takes_submit(work, window, season, present)
    goals[n] = { window = window, season = season, takes = takes }
    by_name[window.name] = goals[n]
  end
  for _, meant in ipairs(one.season and one.season ~= '' and cjson.decode(one.season) or {}) do
    local goal = by_name[meant[1]]
    if not goal then return nil, refusal('NO_WINDOW', meant[1]) end
    local problem, other = guard_problem(goal, meant[2], present)
    if problem then return nil, refusal('SEASON_OVER', i - 1, false, meant[1], meant[2], problem, other) end
  end
  return goals
end

local function submit_to_goals(work, goals, one, i)
  local main, head = plan_one(work, one)
  if not main then return nil, refusal('SUBMIT', i - 1, head or false) end
  local told = {}
  for n, goal in ipairs(goals) do
    local name = goal.window.name
    if not goal.season then
      told[n] = { name, 'none' }
    elseif not goal.takes then
      told[n] = { name, 'sealed', goal.season.id }
    else
      store_season(work, goal.window, goal.season)
      local season = season_work(work, goal.window, goal.season)
      local asked = submit_of_season(work, goal.window, one, main)
      if not asked.score then return nil, refusal('GAIN', i - 1, false, name) end
      local plan, season_head = plan_one(season, asked, main.is_hidden)
      if not plan then
        return nil, refusal('SUBMIT', i - 1, season_head or false, name, asked.mode, asked.score)
      end
      told[n] = { name, 'made', goal.season.id, make_one(season, plan) }
      -- By this the ranks in other partitions are asked for.
      if work.keys.is_partition then told[n][5] = windows.name(season) end
    end
  end
  local answer = make_one(work, main)
  windows.rename(work, one, main)
  -- The field in front is that of partitions, see `settle`.
  answer[SUBMIT_WINDOWS - 1] = false
  answer[SUBMIT_WINDOWS] = { work.is_all and 1 or 0, told }
  return answer
end

-- Submits to the board and to a season of each window. Answers nil and a refusal if any of them refuses it: then nothing
-- is changed but that seasons have begun.
function windows.submit(work, one, i)
  local last = work.last
  local goals, refused = goals_of(work, one, i)
  if refused then return nil, refused end
  local done = #work.done
  local answer, why = submit_to_goals(work, goals, one, i)
  if not answer then
    take_back_to(work, done)
    -- The next row of a file may have the time.
    work.last = last
  end
  return answer, why
end

-- Seasons that the submit does not go to show a new name too.
function windows.rename(work, one, main)
  if one.name == 'k' then return end
  local new, old = given(one.name), nil
  if main.old then
    old = details_of(main.old, work.width)
    if old == new then return end
  elseif work.keep == 0 then
    return
  end
  for _, season in ipairs(windows.reached(work)) do rename_one(season, one.id, one.name) end
end

-- Opens a season of a manual window that has begun; the one before it has its end.
function windows.open_begun(work, window, season)
  store_season(work, window, season)
  open_season(work, window, season, windows.floor(work.keys, window, season))
end

-- Begins a season of a manual window at the next time, which may be too late to be stored.
function windows.begin(work, window, id)
  give_time(work)
  if work.last > MICROS_MAX then return end
  windows.since(work, work.last)
  windows.end_before(work, window, work.last)
  windows.open_begun(work, window, { id = id, from = work.last })
end

function windows.end_before(work, window, micros)
  local before = work.on[window.place]
  if before then redis.call('HSET', window.ends, before.id, whole(micros)) end
end

-- Arguments: window, id. Answers when it began.
function writes.start_season(work, args)
  local window, unknown = windows.named(work.windows, args[10])
  if not window then
    take_back(work)
    return nil, unknown
  end
  local id = args[11]
  local refused = windows.turn(work, windows.present(work))
  if refused then return nil, refused end
  if redis.call('HEXISTS', window.ends, id) == 1 then
    take_back(work)
    return nil, refusal('SEASON_EXISTS')
  end
  windows.begin(work, window, id)
  if work.last > MICROS_MAX then
    take_back(work)
    return nil, refusal('CLOCK')
  end
  return whole(work.last), nil, true
end

-- The present and the windows of a question about seasons.
local function looked_at(keys, args, settings)
  local state = redis.call('HMGET', keys[4], 'settings', 'since', 'last', 'present')
  local clock = tonumber(args[2])
  if not clock then
    local time = redis.call('TIME')
    clock = tonumber(time[1]) * 1000000 + tonumber(time[2])
  end
  local present = math.max(clock, tonumber(state[3] or '0'), tonumber(state[4] or '0'), tonumber(args[3]))
  return {
    present = present, since = tonumber(state[2]) or present,
    windows = windows.of(keys, state[1] or settings, args[1]),
  }
end

local function told_season(window, season, present)
  return {
    season.id, whole(season.from), season.to and whole(season.to) or '',
    windows.is_sealed(window, season, present) and 1 or 0,
  }
end

-- Arguments of all of these: seasons given, now or '', the latest time that the caller was answered.
-- Answers the present, and the name of each window with the season that is on.
function reads.windows(keys, _, args, settings)
  local look = looked_at(keys, args, settings)
  return windows.tell(look.windows, look.present)
end

function windows.tell(all, present)
  local told = {}
  for n, window in ipairs(all) do
    local on, refused = windows.at(window, present)
    if refused then return nil, refused end
    told[n] = { window.name, on and told_season(window, on, present) or false }
  end
  return { whole(present), told }
end

-- The season of an id, if it has begun and has not left; nil if not. The second answer is a refusal.
local function season_of_id(look, window, id, floor)
  local from, season = redis.call('ZSCORE', window.index, id), nil
  if from then
    season = stored_season(window, id, from)
  else
    for _, one in ipairs(window.given) do
      if one.id == id then
        local near, refused = windows.at(window, math.floor((one.from + one.to) / 2))
        -- A refusal here would ask the caller for a season of another id.
        if not refused and near and near.id == id then season = near end
      end
    end
  end
  if not season or season.from > look.present or is_before_first(window, season, look.since) then return nil end
  if floor and season.from < floor then return nil end
  return season
end

-- Arguments: name of the window, id of the season or '', name of a question, its arguments. Answers the season, and
-- what the question answers about it.
function reads.in_season(keys, width, args, settings)
  local look = looked_at(keys, args, settings)
  local window, gone = windows.named(look.windows, args[4])
  if not window then return nil, gone end
  local id = args[5]
  local on, refused = windows.at(window, look.present)
  if refused then return nil, refused end
  local season = on
  if id ~= '' then
    local floor, unknown = windows.floor(keys, window, on)
    if unknown then return nil, unknown end
    season = season_of_id(look, window, id, floor)
    if not season then return nil, refusal('NO_SEASON') end
  end
  local rest = {}
  for i = 7, #args do rest[i - 6] = args[i] end
  local board = season_keys(keys, window, season or { from = 0 })
  return { season and told_season(window, season, look.present) or false, reads[args[6]](board, width, rest) }
end

-- Arguments: name of the window, the id of a season or '', '<' for seasons that begin before it or '>' for those
-- behind it, how many. Answers the present, when the board was made or the window was added, the floor, the end up to which
-- seasons are sealed whatever the grace is, the start of the season of that id or the instant behind the present, and the
-- stored seasons in that order, with the next one in the other direction.
function reads.seasons(keys, _, args, settings)
  local look = looked_at(keys, args, settings)
  local window, gone = windows.named(look.windows, args[4])
  if not window then return nil, gone end
  local id, side, count = args[5], args[6], tonumber(args[7])
  local on, refused = windows.at(window, look.present)
  if refused then return nil, refused end
  local floor, unknown = windows.floor(keys, window, on)
  if unknown then return nil, unknown end
  local micros = whole(look.present + 1)
  if id ~= '' then
    local found = season_of_id(look, window, id, floor)
    if not found then return nil, refusal('NO_SEASON') end
    micros = whole(found.from)
  end
  local found, other
  if side == '<' then
    found = redis.call('ZREVRANGEBYSCORE', window.index, '(' .. micros, '-inf', 'WITHSCORES', 'LIMIT', 0, count)
    other = redis.call('ZRANGEBYSCORE', window.index, micros, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
  else
    found = redis.call('ZRANGEBYSCORE', window.index, '(' .. micros, '+inf', 'WITHSCORES', 'LIMIT', 0, count)
    other = redis.call('ZREVRANGEBYSCORE', window.index, micros, '-inf', 'WITHSCORES', 'LIMIT', 0, 1)
  end
  local told = {}
  for _, list in ipairs({ found, other }) do
    for i = 1, #list, 2 do
      local season = stored_season(window, list[i], list[i + 1])
      local size = redis.call('ZCARD', season_keys(keys, window, season)[1])
      told[#told + 1] = { told_season(window, season, look.present), size }
    end
  end
  return {
    whole(look.present), whole(window.since or look.since), floor and whole(floor) or '',
    window.sealed_end and whole(window.sealed_end) or '', micros, told,
  }
end

-- Whether a season that has left tells finals.
function windows.tells(window, from)
  return window.finals or (window.kept ~= nil and from < window.kept)
end

-- The instant of a page of finals: the start of the season of an id, or '' if none is named. The second answer is a
-- refusal.
local function place_of_finals(look, window, id, floor)
  if id == '' then return '' end
  -- A season that has left and tells finals is a place too.
  local place = tonumber(redis.call('ZSCORE', window.index, id))
  local found = place and windows.tells(window, place) and { from = place } or season_of_id(look, window, id, floor)
  if not found then return nil, refusal('NO_SEASON') end
  return whole(found.from)
end

-- Finals of a player, those that begin before an instant or behind it.
local function finals_of(keys, width, window, asked)
  local floor, present, count = asked.floor, asked.present, asked.count
  local from = asked.micros == '' and '+inf' or '(' .. asked.micros
  local list = asked.side == '<'
      and redis.call('ZREVRANGEBYSCORE', window.index, from, '-inf', 'WITHSCORES', 'LIMIT', 0, SEASONS_LOOKED_AT)
    or redis.call('ZRANGEBYSCORE', window.index, from, '+inf', 'WITHSCORES', 'LIMIT', 0, SEASONS_LOOKED_AT)
  local told, last = {}, ''
  for i = 1, #list, 2 do
    local season = stored_season(window, list[i], list[i + 1])
    local has_left = floor ~= nil and season.from < floor
    local is_over = has_left and windows.tells(window, season.from) or not has_left and windows.is_sealed(window, season, present)
    local board = season_keys(keys, window, season)
    local found = is_over and season.to and player(board, width, asked.id, asked.mode)
    if found then
      told[#told + 1] = { told_season(window, season, present), found[1], found[3], redis.call('ZCARD', board[1]) }
    end
    last = whole(season.from)
    if #told == count then return { last, told } end
  end
  return { #list / 2 < SEASONS_LOOKED_AT and '' or last, told }
end

-- The window that a question names, and where its seasons begin that are not gone; or a refusal.
local function place_of_window(keys, args, settings)
  local look = looked_at(keys, args, settings)
  local window, gone = windows.named(look.windows, args[4])
  if not window then return nil, gone end
  local on, refused = windows.at(window, look.present)
  if refused then return nil, refused end
  local floor, unknown = windows.floor(keys, window, on)
  if unknown then return nil, unknown end
  return { look = look, window = window, floor = floor }
end

-- Arguments: name of the window, playerId, rank mode, '<' or '>', an instant or '', how many finals, the id of the
-- season before which or behind which they begin or ''. Answers where to go on, empty at the end, and the finals: season,
-- record, rank, size.
function reads.finals(keys, width, args, settings)
  local place, refused = place_of_window(keys, args, settings)
  if refused then return nil, refused end
  local look, window, floor = place.look, place.window, place.floor
  local micros = args[8]
  if args[10] ~= '' then micros, refused = place_of_finals(look, window, args[10], floor) end
  if refused then return nil, refused end
  return finals_of(keys, width, window, {
    id = args[5], mode = args[6], side = args[7], micros = micros, count = tonumber(args[9]),
    floor = floor, present = look.present,
  })
end

-- At the home of a board in partitions. Arguments: name of the window, the id of a season or ''. Answers the number of the
-- window, the floor and the place, as reads.finals has them.
function reads.finals_place(keys, _, args, settings)
  local place, refused = place_of_window(keys, args, settings)
  if refused then return nil, refused end
  local look, window, floor = place.look, place.window, place.floor
  local micros
  micros, refused = place_of_finals(look, window, args[5], floor)
  if refused then return nil, refused end
  return { window.number, floor and whole(floor) or '', micros }
end

-- At a partition. Arguments: those of all questions about seasons, then as reads.finals, with the floor for the id.
-- Answers as that, with the present in front.
function reads.finals_here(keys, width, args, settings)
  local look = looked_at(keys, args, settings)
  local window, gone = windows.named(look.windows, args[4])
  if not window then return nil, gone end
  local found = finals_of(keys, width, window, {
    id = args[5], mode = args[6], side = args[7], micros = args[8], count = tonumber(args[9]),
    floor = tonumber(args[10]), present = look.present,
  })
  return { whole(look.present), unpack(found) }
end

-- Arguments: name of the window, the start of a season or ''. Answers the first stored season that begins behind it,
-- whether the next one begins before the end of that (8), and how many players are hidden in it.
function reads.check_seasons(keys, _, args, settings)
  local window = windows.named(windows.of(keys, redis.call('HGET', keys[4], 'settings') or settings), args[1])
  if not window then return false end
  local least = args[2] == '' and '-inf' or '(' .. args[2]
  local found = redis.call('ZRANGEBYSCORE', window.index, least, '+inf', 'WITHSCORES', 'LIMIT', 0, 2)
  if not found[1] then return false end
  local season = stored_season(window, found[1], found[2])
  local overlaps = found[4] and (not season.to or season.to > tonumber(found[4]))
  local hidden = redis.call('HLEN', season_keys(keys, window, season)[7])
  return { season.id, whole(season.from), overlaps and 1 or 0, hidden }
end

-- Arguments: name of the window, the start of a season, name of a bite of a check, its arguments.
function reads.check_season(keys, width, args, settings)
  local window = windows.named(windows.of(keys, redis.call('HGET', keys[4], 'settings') or settings), args[1])
  if not window then return { '0', 0, {} } end
  local board = season_keys(keys, window, { from = tonumber(args[2]) })
  return reads[args[3]](board, width, { args[4] }, is_partition(settings) and settings or nil)
end
