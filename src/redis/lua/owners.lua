--[[
Names that belong to one player only.

    KEYS of the store  8 owners  HASH: a folded name -> playerId, who took it last, the version of that, and the id of a move
                  that gives it to somebody else; as MessagePack
      4 settings  names: 'unique', or 'forming' while it is found out whose all names are; formed: id of who does that,
                  and when it was at work last, micros

A name whose owner shows it nowhere any more is free, but stays here until somebody takes it. Who wants a name of somebody
else is told whose it is, and looks whether the owner shows it: in the profile, on a board, or by a submit that is
noted. If not, it is taken over, unless the owner took it again meanwhile: each taking has a version.

While a move of players is under way, nobody gets a name that either of them has, and neither of them one that goes from
one to the other: see move.lua. Who wants it is refused, and makes the move to the end if its caller was stopped.

While owners are found out, names are taken as they are afterwards, so that none is missed: what a walk over all boards finds
later is somebody else's by then, and told as a duplicate.
]]

do

function people.are_owned(keys)
  return redis.call('HEXISTS', keys[4], 'names') == 1
end

-- Whose a name is, the version, and the id of a move or nil.
local function owner_of(keys, folded)
  local value = redis.call('HGET', keys[8], folded)
  if not value then return nil end
  return unpack(cmsgpack.unpack(value))
end

-- Makes a name that of a player, if names are owned; '' is not one. Answers whose it was, '' if nobody's or the player's.
function people.own(keys, id, folded)
  if folded == '' or not people.are_owned(keys) then return '' end
  local before = owner_of(keys, folded)
  redis.call('HSET', keys[8], folded, cmsgpack.pack({ id, next_version(keys) }))
  return before and before ~= id and before or ''
end

-- The same unless it is somebody else's. Then it answers whose, the version, the profile of the owner or false, what is
-- noted of the owner, as people.pending(), and a move that holds the name, as moves.holding().
function people.claim(keys, id, folded)
  if folded == '' or not people.are_owned(keys) then return nil end
  local owner, version, move = owner_of(keys, folded)
  local held, whose = moves.holding(keys, id, owner, move)
  if held or (owner and owner ~= id) then
    local told = people.told_profile(keys, owner)
    return { whose or owner, version, told, people.pending(keys, owner, folded), held or {} }
  end
  people.own(keys, id, folded)
end

-- Whether somebody else took a name after a version.
function people.is_taken_since(keys, id, folded, version)
  local owner, taken = owner_of(keys, folded)
  return owner ~= nil and owner ~= id and taken > version and people.are_owned(keys)
end

-- ARGV: the folded name, its owner, who does not show it, the version, who takes it over. Answers 1 if it was taken.
local function take_over(keys, args)
  local folded, before = args[1], args[2]
  local owner, version, move = owner_of(keys, folded)
  if owner ~= before or version ~= tonumber(args[3]) or moves.holding(keys, args[4], owner, move) then return 0 end
  people.own(keys, args[4], folded)
  return 1
end

-- ARGV: the id of a move, who gives names, the folded names. Nobody gets them until the move has ended, nor have older
-- words of them any weight at boards that are told the version, which is the answer; 0 if the move has ended.
local function hold_names(keys, args)
  if redis.call('HEXISTS', keys[5], args[1]) == 0 then return 0 end
  for i = 3, #args do
    local owner = people.are_owned(keys) and (owner_of(keys, args[i]) or args[2])
    if owner then
      redis.call('HSET', keys[8], args[i], cmsgpack.pack({ owner, next_version(keys), args[1] }))
    end
  end
  return next_version(keys)
end

-- Makes names that of a player who shows them by a move, unless somebody took them since the move began. Answers whose
-- they were, of those that were somebody else's.
function people.own_moved(keys, move, noted, names)
  local others = {}
  for _, folded in ipairs(people.are_owned(keys) and names or {}) do
    local owner, version, by = owner_of(keys, folded)
    local is_one = not owner or owner == noted.from or owner == noted.to or by == move
    if is_one or version < (noted.version or 0) then
      local before = people.own(keys, noted.to, folded)
      if before ~= '' and before ~= noted.from then others[#others + 1] = before end
    end
  end
  return others
end

-- The names that a board and its seasons show of a player.
function people.shown(work, id)
  local places, names = windows.reached(work), {}
  table.insert(places, 1, work)
  for _, place in ipairs(places) do
    local record = redis.call('HGET', place.keys[2], id) or redis.call('HGET', place.keys[7], id)
    local name = record and details_of(record, place.width)
    if name then names[#names + 1] = name end
  end
  return names
end

-- Arguments: '', or the id of the board in a partition; playerId, a version or 0: nothing is made any more that was read of
-- the player before. Answers as `learn`, and the names that the board and its seasons show of the player.
function writes.shown_names(work, args)
  local told = { 0, work.partitions }
  if is_other(work, args[10]) then return told end
  people.end_words(work, args[11], tonumber(args[12]))
  if not work.id then return told end
  for _, name in ipairs(people.shown(work, args[11])) do told[#told + 1] = name end
  return told
end

-- Answers the seasons that a name reaches: window and start by turns.
function writes.named_seasons(work)
  local found = {}
  for _, season in ipairs(work.id and windows.reached(work) or {}) do
    found[#found + 1] = season.window.name
    found[#found + 1] = whole(season.season.from)
  end
  return found
end

-- A bite of all names of a board or a season. Argument: '', or where to go on. Answers where to go on, '' at the end, and
-- playerId and name by turns.
function reads.names(keys, width, args)
  local place, cursor = string.match(args[1], '^([ph])(%d+)$')
  place, cursor = place or 'p', cursor or '0'
  local scan, found = redis.call('HSCAN', keys[place == 'p' and 2 or 7], cursor, 'COUNT', CHUNK), {}
  for i = 1, #scan[2], 2 do
    local name = details_of(scan[2][i + 1], width)
    if name then
      found[#found + 1] = scan[2][i]
      found[#found + 1] = name
    end
  end
  local next_place = scan[1] ~= '0' and place .. scan[1] or place == 'p' and 'h0' or ''
  return { next_place, found }
end

-- ARGV: where to go on, '0' at first. The same of all profiles.
local function profile_names(keys, args)
  local scan, found = redis.call('HSCAN', keys[6], args[1], 'COUNT', CHUNK), {}
  for i = 1, #scan[2], 2 do
    local name = cmsgpack.unpack(scan[2][i + 1])[2]
    if name then
      found[#found + 1] = scan[2][i]
      found[#found + 1] = name
    end
  end
  return { scan[1] == '0' and '' or scan[1], found }
end

local function formed_by(keys)
  return string.match(redis.call('HGET', keys[4], 'formed') or '', '^(%S+) (%d+)$')
end

-- ARGV: now or '', id of who finds out whose names are, how long another one may be silent, microseconds. Answers 'unique',
-- 'busy', or 'begun' with the last version and the names of all boards.
local function begin_owners(keys, args)
  local clock, names = clock_of(args[1]), redis.call('HGET', keys[4], 'names')
  if names == 'unique' then return { 'unique', '', {} } end
  local _, micros = formed_by(keys)
  if micros and clock - tonumber(micros) < tonumber(args[3]) then return { 'busy', '', {} } end
  redis.call('DEL', keys[8])
  redis.call('HSET', keys[4], 'names', 'forming', 'formed', args[2] .. ' ' .. whole(clock))
  return { 'begun', whole(next_version(keys)), redis.call('HKEYS', keys[1]) }
end

-- ARGV: now or '', the id, folded names and playerIds by turns. Answers 0 if somebody else is at work, or a list of those that
-- are somebody else's: their place, whose, and the version.
local function own_names(keys, args)
  local clock, found = clock_of(args[1]), {}
  if formed_by(keys) ~= args[2] then return 0 end
  for i = 3, #args, 2 do
    local owner, version = owner_of(keys, args[i])
    if not owner then
      people.own(keys, args[i + 1], args[i])
    elseif owner ~= args[i + 1] then
      found[#found + 1] = { (i - 3) / 2, owner, version }
    end
  end
  redis.call('HSET', keys[4], 'formed', args[2] .. ' ' .. whole(clock))
  return found
end

-- ARGV: the id, or '' to free names whoever is at work; 'unique' or 'free'. Answers 1 if that holds now.
local function end_owners(keys, args)
  if args[1] ~= '' and formed_by(keys) ~= args[1] then return 0 end
  redis.call('HDEL', keys[4], 'formed', 'names')
  if args[2] == 'unique' then redis.call('HSET', keys[4], 'names', 'unique') else redis.call('DEL', keys[8]) end
  return 1
end

-- The id of who began to find out whose names are, and has not been at work since then; '' if nobody.
function people.unformed(keys, latest)
  local id, micros = formed_by(keys)
  return id and tonumber(micros) <= latest and id or ''
end

redis.register_function('ladderdb_1_take_over', take_over)
redis.register_function('ladderdb_1_hold_names', hold_names)
redis.register_function('ladderdb_1_begin_owners', begin_owners)
redis.register_function('ladderdb_1_own_names', own_names)
redis.register_function('ladderdb_1_end_owners', end_owners)
redis.register_function { function_name = 'ladderdb_1_profile_names', callback = profile_names, flags = { 'no-writes' } }

end
