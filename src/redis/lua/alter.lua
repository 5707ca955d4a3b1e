--[[
Alterations of windows: all of one alteration are made in one call. Whatever refuses comes before the first change.

    in m    since<n>: when the window was added
            sealed<n>: seasons that end by then were sealed when the grace was altered
            graces<n>: the graces of before, each with the instant until which it held, microseconds: "grace:until ..."
            left<n>: seasons that begin before have left, and stay away if a larger `retain` is set
            kept<n>: seasons that begin before tell finals, since the window kept finals when they left

Other processes have opened the board with the settings of before. Each call says by which settings it goes, so their
next call is refused, and the refusal has the settings that hold.
]]

local GRACES_MAX = 64

local function by_number(all)
  local found = {}
  for _, window in ipairs(all) do found[window.number] = window end
  return found
end

local function keep_of(work, window)
  local keep = window.keep or work.keep
  return keep > 0 and keep or math.huge
end

-- For each window of the new settings, what it was, the season that is on, and the floor. Answers nil and a refusal if
-- only the caller can work a season out.
local function planned(work, before, after, present)
  local plans = {}
  for n, window in ipairs(after) do
    local old = before[window.number]
    local on, refused = windows.at(window, present)
    if refused then return nil, refused end
    -- A larger `retain` brings nothing back.
    local floor = window.left
    if window.retain and on then
      floor, refused = windows.floor_behind(window, on, window.left)
      if refused then return nil, refused end
    end
    plans[n] = { window = window, old = old, on = on, floor = floor }
  end
  return plans
end

-- Notes which seasons are sealed by the old grace: they stay so by the new one.
local function note_sealed(meta, plan, present)
  local window, old = plan.window, plan.old
  if not old or old.grace == window.grace then return end
  local ended = math.max(old.sealed_end or 0, present - old.grace)
  local graces = (redis.call('HGET', meta, 'graces' .. window.number) or '') .. whole(old.grace) .. ':' .. whole(present) .. ' '
  local _, count = string.gsub(graces, ' ', ' ')
  if count > GRACES_MAX then graces = string.gsub(graces, '^%S+ ', '') end
  redis.call('HSET', meta, 'sealed' .. window.number, whole(ended), 'graces' .. window.number, graces)
  window.sealed_end = ended
end

-- Seasons that left with finals go on telling them. Those that left without tell none, so what is left of them goes first.
local function note_kept(meta, plan, floor_before)
  local window, old = plan.window, plan.old
  if not old or old.finals == window.finals or not floor_before then return end
  if window.finals then
    windows.drop_left(old, floor_before, -1)
  else
    window.kept = math.max(old.kept or 0, tonumber(floor_before))
    redis.call('HSET', meta, 'kept' .. window.number, whole(window.kept))
  end
end

local function put_floor(work, plan)
  local meta, k, on = work.keys[4], plan.window.number, plan.on
  redis.call('HDEL', meta, 'floor' .. k, 'on' .. k)
  if plan.window.retain and on then windows.open(work, plan.window, on, plan.floor) end
end

local function make_plan(work, plan, present)
  local meta, window, old = work.keys[4], plan.window, plan.old
  if not old then
    window.since = present
    redis.call('HSET', meta, 'since' .. window.number, whole(present))
    if plan.on then
      windows.open(work, window, plan.on, plan.floor)
      windows.keep_time(work, plan.on.from, present)
    end
    return
  end
  note_sealed(meta, plan, present)
  -- No clock that steps back opens again what a shorter grace seals.
  if window.grace < old.grace then work.last = math.max(work.last, present) end
  local floor_before = redis.call('HGET', meta, (old.retain and 'floor' or 'left') .. window.number)
  note_kept(meta, plan, floor_before)
  if old.retain ~= window.retain then put_floor(work, plan) end
end

-- A smaller `keep` takes players off seasons that are not sealed, also off those that a shorter grace seals with it; a larger
-- one brings nobody back.
local function trim(work, plan, present)
  local window, old = plan.window, plan.old
  if not old or keep_of(work, window) >= keep_of(work, old) then return end
  local as_of = present - old.grace + window.grace
  for _, season in ipairs(windows.reached(work, as_of)) do
    if season.window == window then windows.trim(season) end
  end
end

local function take_away(work, window)
  local k = window.number
  windows.drop_all(window)
  local fields = { 'floor', 'on', 'left', 'since', 'sealed', 'kept', 'graces', 'gone' }
  for i, name in ipairs(fields) do fields[i] = name .. k end
  redis.call('HDEL', work.keys[4], unpack(fields))
end

-- Arguments: the new settings, the seasons that are given for them, the rules: see rules.altered(). Answers as reads.windows.
function writes.alter(work, args)
  local meta, present = work.keys[4], windows.present(work)
  local before, after = by_number(work.windows), windows.of(work.keys, args[10], args[11])
  local plans, refused = planned(work, before, after, present)
  refused = refused or rules.altered(work, args, 12)
  if refused then
    take_back(work)
    return nil, refused
  end
  for _, plan in ipairs(plans) do
    make_plan(work, plan, present)
    before[plan.window.number] = nil
  end
  for _, window in pairs(before) do take_away(work, window) end
  rules.alter(work, args, 12)
  redis.call('HSET', meta, 'settings', args[10])
  work.present, work.windows, work.on = math.max(work.present, present), after, nil
  windows.turn(work, present)
  for _, plan in ipairs(plans) do trim(work, plan, present) end
  return windows.tell(after, present), nil, true
end
