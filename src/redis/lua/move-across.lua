--[[
A move of a player to another partition of the same board: no instant covers their two slots. What the one has is taken off
into a note in its own slot, given to the other under the id of that note, and then the note is struck out:

    from ──move_off──► note ──move_on──► to, which keeps the id for a day ──move_done──► struck out
                                     └── refused, for good ──move_back──► from

    g  HASH  in the slot of the one: 'o' id of a move -> an id of what was taken off, and that: for the board and each season
             the number of the window or 0, the season, its start, its end, the record, 1 if it is hidden; as MessagePack
             in the slot of the other: 'd' the id of what was taken off -> micros and what was answered; as MessagePack

Who comes by makes the step that is missing. What is given twice counts once, as the answer is kept under its id. A
process that read the note long ago may not give it any more, so that no id is needed for longer than a day: it reads again
whether the note is still there. Between the steps the player is seen in neither place.
]]

do

local GIVEN_STALE = 3600000000
local GIVEN_KEPT = 86400000000

function moves.across_key(keys)
  return string.sub(keys[4], 1, -2) .. 'g'
end

local function noted_of(work, move)
  return redis.call('HGET', moves.across_key(work.keys), 'o' .. move)
end

local function taken_off(work, place, from)
  local record, is_hidden = moves.side_of(place, from)
  if not record then return nil end
  do_put(place, from, record, false, is_hidden)
  local season = place.season or { id = '', from = 0 }
  return {
    place.window and place.window.number or 0, season.id, whole(season.from), season.to and whole(season.to) or '',
    record, is_hidden and 1 or 0,
  }
end

-- Arguments: the id of the board; the two ids of players, whether sealed seasons are reached too, the id of the move, an id
-- for what is taken off, names as moves.are_held(). Answers whether there is something, the partitions, why nothing was taken, the note, and the time.
function writes.move_off(work, args)
  local from, move = args[11], args[14]
  local answer = { 0, work.partitions, {}, '', whole(work.clock) }
  if not work.id or is_other(work, args[10]) then return answer end
  local noted = noted_of(work, move)
  if not noted then
    if bans.hides(work.keys, from) then return { 0, work.partitions, { 'BANNED', from }, '', answer[5] } end
    local unheld = moves.unheld(work, from, args[16])
    if unheld then return { 0, work.partitions, unheld, '', answer[5] } end
    local parts = {}
    for _, place in ipairs(moves.places(work, args[13] == '1')) do parts[#parts + 1] = taken_off(work, place, from) end
    if #parts == 0 then return answer end
    people.forget_unasked(work.keys, from)
    noted = cmsgpack.pack({ args[15], parts })
    redis.call('HSET', moves.across_key(work.keys), 'o' .. move, noted)
  end
  return { 1, work.partitions, {}, noted, answer[5] }
end

-- Where a part belongs here; nil if the window is gone.
local function place_of(work, part)
  if part[1] == 0 then return work end
  for _, window in ipairs(work.windows) do
    if window.number == part[1] then
      local season = { id = part[2], from = tonumber(part[3]), to = tonumber(part[4]) }
      local stored = redis.call('ZSCORE', window.index, season.id)
      if stored then season.from, season.is_stored = tonumber(stored), true end
      windows.store(work, window, season)
      local place = windows.work_of(work, window, season)
      place.board_mode = work.mode
      return place
    end
  end
end

-- Gives all parts to a player, or nothing: then answers why.
local function give(work, parts, to, known)
  local must_hide, plans = bans.hides(work.keys, to), {}
  for _, part in ipairs(parts) do
    local place = place_of(work, part)
    if place then
      local plan, why = moves.planned(place, { part[5], part[6] == 1 }, to, { known = known, must_hide = must_hide })
      if not plan then
        take_back(work)
        return nil, why
      end
      plans[#plans + 1] = plan
    end
  end
  for _, plan in ipairs(plans) do moves.receive(plan, to) end
  return plans
end

local function forget_given(work)
  local key = moves.across_key(work.keys)
  for _, field in ipairs(redis.call('HKEYS', key)) do
    if string.sub(field, 1, 1) == 'd' then
      local micros = cmsgpack.unpack(redis.call('HGET', key, field))[1]
      if tonumber(micros) < work.clock - GIVEN_KEPT then redis.call('HDEL', key, field) end
    end
  end
end

-- Arguments: the id of the board; who receives, the note, the time that was answered with it, the name by which the receiver
-- is known. Answers as writes.move, or that the time is long ago.
function writes.move_on(work, args)
  if not work.id or is_other(work, args[10]) then return { 0, work.partitions, {}, {} } end
  if work.clock - tonumber(args[13]) > GIVEN_STALE then return { 0, work.partitions, { 'STALE' }, {} } end
  local key, noted = moves.across_key(work.keys), cmsgpack.unpack(args[12])
  local field = 'd' .. noted[1]
  local given_before = redis.call('HGET', key, field)
  if given_before then return cmsgpack.unpack(given_before)[2] end
  local plans, why = give(work, noted[2], args[11], args[14])
  local answer = { 0, work.partitions, why or {}, {} }
  if plans then answer[1], answer[4] = moves.told(plans) end
  forget_given(work)
  redis.call('HSET', key, field, cmsgpack.pack({ whole(work.clock), answer }))
  return answer
end

-- Arguments: the id of the board; who gave, the id of the move, the note. It is struck out. Answers 1 if it was there.
function writes.move_done(work, args)
  if is_other(work, args[10]) or noted_of(work, args[12]) ~= args[13] then return { 0, work.partitions } end
  redis.call('HDEL', moves.across_key(work.keys), 'o' .. args[12])
  return { 1, work.partitions }
end

-- The same of what was refused: it is given back to the one. If a sum with what came meanwhile is not exact, the note stays.
function writes.move_back(work, args)
  if is_other(work, args[10]) or noted_of(work, args[12]) ~= args[13] then return { 0, work.partitions } end
  local plans = give(work, cmsgpack.unpack(args[13])[2], args[11], 'u')
  if not plans then return { 0, work.partitions } end
  redis.call('HDEL', moves.across_key(work.keys), 'o' .. args[12])
  return { 1, work.partitions }
end

end
