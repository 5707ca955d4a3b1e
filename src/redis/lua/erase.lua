--[[
Taking a person out: of boards and all of their seasons, of bans, and of the answers that are kept under ids of requests.

    in b  '-' and the SHA-1 of an id -> "version request micros": a person was erased here, and no ban of before may come
          late; for an hour, see bans.lua. request: the first that was made here after all slots were cleared; not there
          before
          '-'   -> the same of the last one whose request is there

What not all boards were told of is noted among the moves, see move.lua. Done again, all of it does nothing more.
]]

-- The whole library is one chunk, which has 200 locals at most: those of this file end with it.
do

local erase = {}

local function erased_field(id)
  return '-' .. redis.sha1hex(id)
end

-- Whether an erasure overrides a ban that is told late.
function bans.is_erased(keys, id, version)
  local noted = redis.call('HGET', keys[8], erased_field(id))
  return noted ~= false and tonumber(string.match(noted, '^%d+')) > version
end

-- Notes the erasure in place of bans; those of long ago go.
function erase.note(work, id, version)
  local key = work.keys[8]
  for _, field in ipairs(redis.call('HKEYS', key)) do
    if string.sub(field, 1, 1) == '-' then
      local micros = tonumber(string.match(redis.call('HGET', key, field), '%d+$'))
      if micros < work.clock - LIFTED_MICROS then redis.call('HDEL', key, field) end
    end
  end
  redis.call('HSET', key, erased_field(id), version .. ' ' .. whole(work.clock))
end

-- Notes that all slots are cleared: who was passed by a submit from here on uses the id again.
function erase.note_cleared(work, id)
  local key, field = work.keys[8], erased_field(id)
  local noted = redis.call('HGET', key, field)
  if not noted then return end
  local version, micros = string.match(noted, '^(%d+).* (%d+)$')
  local note = version .. ' ' .. whole(requests.next(work)) .. ' ' .. micros
  redis.call('HSET', key, field, note, '-', note)
end

-- Whether a request was made here before all slots were cleared of a person; with the field '-', of anybody.
function erase.is_cleared_after(keys, field, request)
  local noted = redis.call('HGET', keys[8], field)
  local cleared = noted and string.match(noted, '^%d+ (%d+) ')
  return cleared and request < tonumber(cleared)
end

-- Takes a player off a board or a season, seen or hidden; whether there was anything.
function erase.entry(keys, width, id)
  local record = redis.call('HGET', keys[2], id)
  if record then put(keys, width, id, record, false) end
  return redis.call('HDEL', keys[7], id) == 1 or record ~= false
end

-- Whether a season had been sealed by an instant that has passed: once, by the grace that held then. As sealMicrosOf() of
-- embedded/seasons/season-at.ts.
function erase.was_sealed(work, window, season, micros)
  if not season.to then return false end
  local graces, from = redis.call('HGET', work.keys[4], 'graces' .. window.number), 0
  -- An earlier release noted which seasons an alteration had sealed, not when.
  if not graces then return windows.is_sealed(window, season, micros) end
  for grace, till in string.gmatch(graces, '(%d+):(%d+)') do
    local sealed = math.max(from, season.to + tonumber(grace))
    if sealed <= tonumber(till) then return micros >= sealed end
    from = tonumber(till)
  end
  return micros >= math.max(from, season.to + window.grace)
end

-- Takes a player off all seasons, or off those that were sealed by an instant. Seasons that have left tell finals, too.
function erase.seasons(work, id, micros)
  local is_any = false
  for _, window in ipairs(work.windows) do
    local all = redis.call('ZRANGE', window.index, 0, -1, 'WITHSCORES')
    for i = 1, #all, 2 do
      local season = { from = tonumber(all[i + 1]), to = tonumber(redis.call('HGET', window.ends, all[i])) }
      if not micros or erase.was_sealed(work, window, season, micros) then
        is_any = erase.entry(windows.keys_of(work, window, season), work.width, id) or is_any
      end
    end
  end
  if not micros then redis.call('HDEL', string.sub(work.keys[4], 1, -2) .. 'z', id) end
  return is_any
end

-- Arguments: '', or the id of the board in a partition; playerId, the version; ids that were the person's until they were
-- moved to this one, and when that was, by turns: they are found in seasons that were sealed by then. Answers whether the board or a season had
-- the player, how many partitions the board has, whether there was a ban of this board, and whether answers are kept, or may be
-- before all slots are cleared.
function writes.erase(work, args)
  local keys, id = work.keys, args[11]
  if is_other(work, args[10]) then return { 0, work.partitions, 0, 0 } end
  local had_ban = redis.call('HDEL', keys[8], '1' .. id)
  redis.call('HDEL', keys[8], '0' .. id)
  rules.forget(keys, id)
  people.forget_unasked(keys, id)
  -- A submit under way brings no name back that is free by then.
  if work.people then people.end_words(work, id, tonumber(args[12])) end
  erase.note(work, id, args[12])
  bans.note_end(keys)
  note_told(work)
  if not work.id then return { 0, work.partitions, had_ban, 0 } end
  local is_any = erase.seasons(work, id)
  for i = 13, #args, 2 do is_any = erase.seasons(work, args[i], tonumber(args[i + 1])) or is_any end
  is_any = erase.entry(keys, work.width, id) or is_any
  local has_requests = work.partitions > 1 and 1 or redis.call('EXISTS', keys[5])
  return { is_any and 1 or 0, work.partitions, had_ban, has_requests }
end

local SEXTETS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

function erase.decoded(base64)
  local bits, count, bytes = 0, 0, {}
  for letter in string.gmatch(base64, '[^=]') do
    bits, count = bits * 64 + string.find(SEXTETS, letter, 1, true) - 1, count + 6
    if count >= 8 then
      count = count - 8
      bytes[#bytes + 1] = string.char(math.floor(bits / 2 ^ count))
      bits = bits % 2 ^ count
    end
  end
  return table.concat(bytes)
end

function erase.encoded(bytes)
  local letters = {}
  for at = 1, #bytes, 3 do
    local a, b, c = string.byte(bytes, at, at + 2)
    local bits = a * 65536 + (b or 0) * 256 + (c or 0)
    for shift = 18, 0, -6 do
      local sextet = math.floor(bits / 2 ^ shift) % 64
      letters[#letters + 1] = string.sub(SEXTETS, sextet + 1, sextet + 1)
    end
  end
  local padding = (3 - #bytes % 3) % 3
  return string.sub(table.concat(letters), 1, #letters - padding) .. string.rep('=', padding)
end

-- The end of all base64 of a player's keys: the letters that tell of nothing but the id, and a quotation mark.
function erase.ending(width, id)
  local head = string.rep('\0', width + 8)
  return string.sub(erase.encoded(head .. id), math.ceil(#head * 4 / 3) + 1) .. '"'
end

-- Leaves a place without a player, so that others keep their ranks. Answers whether the player was there.
function erase.passed(rows, width, id, decoded, encoded)
  local is_any = false
  for i, member in ipairs(rows and rows[4] or {}) do
    local key = decoded(member)
    if string.sub(key, width + 9) == id then
      local head = string.sub(key, 1, width + 8)
      rows[4][i], rows[5][i] = encoded(head), encoded(head .. string.char(0))
      is_any = true
    end
  end
  return is_any
end

-- The same of what all partitions told, see partitioned-requests.ts: answers it without the player; nil if the player was
-- not there. Only what may be the player's is decoded, for that is slow.
function erase.told(text, width, id, ending)
  if not string.find(text, ending, 1, true) then return nil end
  local told = cjson.decode(text)
  local rows = type(told.rows) == 'table' and told.rows
  local function decoded(member)
    return string.sub(member .. '"', -#ending) == ending and erase.decoded(member) or ''
  end
  if not erase.passed(rows, width, id, decoded, erase.encoded) then return nil end
  -- JSON may have a backslash in front of each slash, by which the next look would miss endings.
  return (string.gsub(cjson.encode(told), '\\/', '/'))
end

-- What all partitions told of a request, without those who were erased since it was made: their answers may have been given
-- before, and the answers that are kept here were looked through already.
function requests.without_erased(work, text, request)
  local keys, width = work.keys, work.width
  if not erase.is_cleared_after(keys, '-', request) then return text end
  local rows = cjson.decode(text).rows
  for _, member in ipairs(type(rows) == 'table' and rows[4] or {}) do
    local id = string.sub(erase.decoded(member), width + 9)
    if erase.is_cleared_after(keys, erased_field(id), request) then
      text = erase.told(text, width, id, erase.ending(width, id)) or text
    end
  end
  return text
end

-- Takes a request out of the order in which they are forgotten; its place there stays.
function erase.forget(keys, request, number)
  redis.call('HDEL', keys[5], request)
  local first = redis.call('LINDEX', keys[6], 0)
  local at = first and number - tonumber(string.match(first, '^%d+')) or -1
  local found = at >= 0 and redis.call('LINDEX', keys[6], at)
  local head = found and string.match(found, '^%d+ %d+ ')
  if head and tonumber(string.match(head, '^%d+')) == number then redis.call('LSET', keys[6], at, head) end
end

-- Takes a player out of one answer: it goes if it is the player's, or leaves the player out of those who were passed.
function erase.request(work, request, value, id, ending)
  local keys, width = work.keys, work.width
  local record = cmsgpack.unpack(value)
  if record[6] == id then
    erase.forget(keys, request, record[1])
    return 1
  end
  local is_passed = erase.passed(record[4][7], width, id, tostring, tostring)
  local told = record[5] and erase.told(record[5], width, id, ending)
  if not is_passed and not told then return 0 end
  record[5] = told or record[5]
  redis.call('HSET', keys[5], request, cmsgpack.pack(record))
  return 1
end

-- A bite of the answers that are kept. Arguments: '', or the id of the board in a partition; playerId, a cursor. Answers
-- in how many the player was, how many partitions the board has, and the next cursor.
function writes.erase_requests(work, args)
  if not work.id or is_other(work, args[10]) then return { 0, work.partitions, '0' } end
  if args[12] == '0' then erase.note_cleared(work, args[11]) end
  local scan = redis.call('HSCAN', work.keys[5], args[12], 'COUNT', CHUNK)
  local id, ending, count = args[11], erase.ending(work.width, args[11]), 0
  for i = 1, #scan[2], 2 do count = count + erase.request(work, scan[2][i], scan[2][i + 1], id, ending) end
  return { count, work.partitions, scan[1] }
end

-- When each id of a person was the person's at last: those that were moved to the player, to these in turn, and so on.
function erase.ids(keys, id)
  local untils, waiting = { [id] = math.huge }, { id }
  while #waiting > 0 do
    local to = table.remove(waiting)
    for _, move in ipairs(moves.to(keys, to)) do
      local from, at = move[1], move[2]
      if at < untils[to] and at > (untils[from] or 0) then
        untils[from] = at
        waiting[#waiting + 1] = from
      end
    end
  end
  return untils
end

-- No move tells of the person any more.
function erase.forget_moves(keys, untils)
  for _, to in ipairs(redis.call('HKEYS', keys[9])) do
    local left, before = {}, moves.to(keys, to)
    for _, move in ipairs(before) do
      if move[2] > math.max(untils[move[1]] or 0, untils[to] or 0) then left[#left + 1] = move end
    end
    if #left == 0 then redis.call('HDEL', keys[9], to) end
    if #left > 0 and #left < #before then redis.call('HSET', keys[9], to, cmsgpack.pack(left)) end
  end
end

-- What is noted of submits that gave the player a name before a version.
function erase.submits(keys, id, version)
  local all = redis.call('HGETALL', keys[7])
  for i = 1, #all, 2 do
    local kind, number = string.match(all[i], '^(2)(%d+)$')
    local is_before = kind and tonumber(number) <= version
    if is_before and cmsgpack.unpack(all[i + 1])[1] == id then redis.call('HDEL', keys[7], all[i]) end
  end
end

-- ARGV: playerId, a cursor, the version of the erasure. A bite of the names that belong to one player only: those that were
-- this player's before are free. Answers the next cursor, and how many there were.
local function disown(keys, args)
  local id, version = args[1], tonumber(args[3])
  erase.submits(keys, id, version)
  local scan, count = redis.call('HSCAN', keys[8], args[2], 'COUNT', CHUNK), 0
  for i = 1, #scan[2], 2 do
    local owner, taken = unpack(cmsgpack.unpack(scan[2][i + 1]))
    if owner == id and taken <= version then count = count + redis.call('HDEL', keys[8], scan[2][i]) end
  end
  return { scan[1], count }
end

-- ARGV: now or '', playerId, an id of the erasure. Takes the ban of all boards and notes the erasure. Answers whether there
-- was one, what is noted, and the names of all boards; or first a move of the player that is to be ended before.
local function begin_erase(keys, args)
  local clock, id = clock_of(args[1]), args[2]
  moves.forget_planned(keys, id)
  local move = moves.find(keys, function(_, from, to) return to and (from == id or to == id) end)
  if move then return { move } end
  local was_banned = live_ban(keys, id, clock) and 1 or 0
  local version = next_version(keys)
  redis.call('HDEL', keys[2], id)
  redis.call('HDEL', keys[3], id)
  local untils, past = erase.ids(keys, id), {}
  erase.forget_moves(keys, untils)
  for from, at in pairs(untils) do
    if from ~= id then
      past[#past + 1] = from
      past[#past + 1] = whole(at)
    end
  end
  local noted = cjson.encode({ erased = id, version = version, past = past })
  redis.call('HSET', keys[5], args[3], whole(clock) .. ' ' .. noted)
  return { was_banned, noted, redis.call('HKEYS', keys[1]) }
end

redis.register_function('ladderdb_1_begin_erase', begin_erase)
redis.register_function('ladderdb_1_disown', disown)

end
