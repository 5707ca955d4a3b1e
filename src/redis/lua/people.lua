--[[
Profiles, and the one name that every board shows of a player who has one.

    KEYS of the store  1 names, 2 bans, whose last version counts here too; see bans.lua
      6 people  HASH: playerId -> version, name, avatar and metadata or false, 1 while the first name is looked for; as
                MessagePack
      7 naming  HASH: what not all boards are told of: '1' playerId -> "version micros" of a name; '3' playerId -> the same of
                a profile that is gone; '2' number -> playerId, board, micros and folded name of a submit that may give its
                player another name, as MessagePack; a rename is noted so with '' as the board if names are owned

    beside m      o  people: the last version that was told here; base: nothing that is older counts for any player; 'b'
                  and two digits -> the same for the players of whose id they are the digest; 'i' playerId -> number of a
                  submit and the name that it gave; 'k' playerId -> 1 if the rule `players` asked for the profile, and
                  there is one; 'n' playerId -> 1 if nobody asked whose the name is that is shown, as a row of a
                  file gave it, or if it became somebody else's
    in m          people: 1 on a board that was told

Who submits for a newcomer, or gives another name than is shown, is asked what the profile says. It is told that,
with the version up to which it holds, in a second call. Each name is told with its version too, and neither counts where
a newer version was told before: who has an older word asks again. So a name and a submit under way never miss one
another, in whatever order they come.

A submit that gives another name to a player with a profile is noted beside the profiles first. Where it is made, the
board keeps the name that it gave until all boards are told that, or a newer one. If its caller is stopped, others look
whether the board has it, and go on or strike it out: what comes later under this number is refused.
]]

-- The whole library is one chunk, which has 200 locals at most: those of this file end with it.
do

local NAME_KEPT = 'k'

local function people_key(keys)
  return shared.key(keys)
end

local function bucket_of(id)
  return 'b' .. string.sub(redis.sha1hex(id), 1, 2)
end

-- The version that was told last, as far as it can be of this player.
local function told_of(keys, id)
  local found = redis.call('HMGET', people_key(keys), 'base', bucket_of(id))
  return math.max(tonumber(found[1] or '0'), tonumber(found[2] or '0'))
end

local function mark_of(keys, id)
  local mark = redis.call('HGET', people_key(keys), 'i' .. id)
  if not mark then return nil end
  local number, what = string.match(mark, '^(%d+) (.*)$')
  return { number = tonumber(number), what = what }
end

-- Whether a slot was told of profiles; `told` is of a board that is there.
function people.used(keys, id, told)
  return told ~= false or (not id and redis.call('HEXISTS', people_key(keys), 'people') == 1)
end

-- A board that is made knows what its slot was told before.
function people.note(work)
  if work.people then redis.call('HSET', work.keys[4], 'people', '1') end
end

local function note_version(work, version)
  local key = people_key(work.keys)
  local last = math.max(version, tonumber(redis.call('HGET', key, 'people') or '0'))
  redis.call('HSET', key, 'people', whole(last))
  if work.id then redis.call('HSET', work.keys[4], 'people', '1') end
  note_told(work)
end

-- Nothing that is older counts for the player.
local function fence(work, id, version)
  redis.call('HSET', people_key(work.keys), bucket_of(id), whole(version))
  local mark = mark_of(work.keys, id)
  if mark and mark.number < version then redis.call('HDEL', people_key(work.keys), 'i' .. id) end
  note_version(work, version)
end

-- Nothing is made any more that was read of the player before a version; 0: everything is.
function people.end_words(work, id, version)
  if version == 0 then return end
  redis.call('HSET', people_key(work.keys), bucket_of(id), whole(math.max(version, told_of(work.keys, id))))
  note_version(work, version)
end

-- Arguments: '', or the id of the board in a partition; a version. Answers as `learn`.
function writes.learn_people(work, args)
  if is_other(work, args[10]) then return { 0, work.partitions } end
  local version = tonumber(args[11])
  redis.call('HSET', people_key(work.keys), 'base', whole(version))
  note_version(work, version)
  return { 0, work.partitions }
end

-- Arguments: '', or the id of the board in a partition; playerId, name, version, 1 if there is a profile, whether sealed
-- seasons are reached too. Answers whether the player is known, how many partitions the board has, and 1 if a newer
-- version was told.
function writes.learn_name(work, args)
  local id, what, version = args[11], args[12], tonumber(args[13])
  if is_other(work, args[10]) then return { 0, work.partitions, 0 } end
  if work.people and told_of(work.keys, id) > version then return { 0, work.partitions, 1 } end
  if args[14] == '1' then fence(work, id, version) end
  if not work.id then return { 0, work.partitions, 0 } end
  local known = rename_one(work, id, what)
  for _, season in ipairs(windows.reached(work, nil, args[15] == '1')) do
    known = math.max(known, rename_one(season, id, what))
  end
  return { known, work.partitions, 0 }
end

-- Arguments: '', or the id of the board in a partition; playerId, version. No older name is given from here on. Answers
-- as `learn`, and the time of the newest entry of the player, '' if there is none, and its name.
function writes.newest_name(work, args)
  local id, newest, name = args[11], '', nil
  if is_other(work, args[10]) then return { 0, work.partitions, newest, 'r' } end
  fence(work, id, math.max(told_of(work.keys, id), tonumber(args[12])))
  local places = work.id and windows.reached(work) or {}
  table.insert(places, 1, work)
  for _, place in ipairs(places) do
    local record = redis.call('HGET', place.keys[2], id) or redis.call('HGET', place.keys[7], id)
    if record then
      local at = string.sub(record, place.width + 1, place.width + 8)
      if newest == '' or not precedes(at, newest) then
        newest, name = at, (details_of(record, place.width))
      end
    end
  end
  return { 0, work.partitions, newest == '' and '' or whole(micros_of(newest)), name and 's' .. name or 'r' }
end

-- Arguments: '', or the id of the board in a partition; playerId, version below which nothing is made any more, or 0.
-- Answers as `learn`, and the number and the name that a submit gave and not all boards are told of, or ''.
function writes.named(work, args)
  local id, version = args[11], tonumber(args[12])
  if is_other(work, args[10]) then return { 0, work.partitions, '', '' } end
  local mark = mark_of(work.keys, id)
  people.end_words(work, id, version)
  if not mark then return { 0, work.partitions, '', '' } end
  return { 0, work.partitions, whole(mark.number), mark.what }
end

-- Arguments: '', or the id of the board in a partition; playerId, version. There is no profile any more, and nothing that
-- was read of it counts. Answers as `learn`.
function writes.learn_gone(work, args)
  if is_other(work, args[10]) then return { 0, work.partitions } end
  fence(work, args[11], math.max(tonumber(args[12]), told_of(work.keys, args[11])))
  redis.call('HDEL', people_key(work.keys), 'k' .. args[11])
  return { 0, work.partitions }
end

-- What the caller was told of profiles: the version up to which that holds; by playerId whether there is one, its name,
-- the number of the submit, and whether it was asked for the names that are given too; which names are somebody else's:
-- playerId, name, owner; and whether names are owned.
function people.hear(work, text)
  if not work.people or text == '' then return end
  local told = cjson.decode(text)
  work.word_version, work.words, work.names_taken, work.are_owned = told[1], {}, {}, told[4] == 1
  for _, one in ipairs(told[2]) do
    work.words[one[1]] = {
      has_profile = one[2] == 1, name = one[3] ~= '' and one[3] or nil, number = one[4], is_named = one[5] == 1,
    }
  end
  for _, one in ipairs(told[3]) do work.names_taken[one[1] .. '\0' .. one[2]] = one[3] end
end

local function word_for(work, id)
  local word = work.words and work.words[id]
  if word and work.word_version >= told_of(work.keys, id) then return word end
end

-- Whether a player has a profile; nil: the caller is to be asked.
function people.is_known(work, id)
  if not work.people then return false end
  if redis.call('HEXISTS', people_key(work.keys), 'k' .. id) == 1 then return true end
  local word = word_for(work, id)
  if word and word.has_profile then redis.call('HSET', people_key(work.keys), 'k' .. id, '1') end
  return word and word.has_profile
end

-- Rows of a file give no name to a player with a profile, unless they go by the rules; who is hidden does not.
local function is_row(work, one)
  return work.are_rows or (work.are_judged_rows and bans.hides(work.keys, one.id))
end

-- Notes that a player shows a name that nobody was asked for, or that it was asked for; undone with the change.
local function note_unasked(work, id, is_unasked)
  local key, field = people_key(work.keys), 'n' .. id
  local was_unasked = redis.call('HEXISTS', key, field) == 1
  if was_unasked == is_unasked then return end
  local function note(is)
    if is then redis.call('HSET', key, field, '1') else redis.call('HDEL', key, field) end
  end
  windows.undo(work, function() note(was_unasked) end)
  note(is_unasked)
end

-- Arguments: '', or the id of the board in a partition; playerId. A name of the player became somebody else's: the next one
-- that is given is asked for. Answers as `learn`.
function writes.learn_unasked(work, args)
  if not is_other(work, args[10]) then redis.call('HSET', people_key(work.keys), 'n' .. args[11], '1') end
  return { 0, work.partitions }
end

function people.forget_unasked(keys, id)
  redis.call('HDEL', people_key(keys), 'n' .. id)
end

-- Whether a submit hangs on the profile of its player, or on whose its name is: a newcomer's, or one that gives another
-- name than is shown, or the one that is shown and was never asked for.
local function hangs_on_profile(work, one)
  local old = redis.call('HGET', work.keys[2], one.id) or redis.call('HGET', work.keys[7], one.id)
  if not old then return true end
  if one.name == NAME_KEPT then return false end
  if given(one.name) ~= (details_of(old, work.width)) then return true end
  return redis.call('HEXISTS', people_key(work.keys), 'n' .. one.id) == 1 and not is_row(work, one)
end

local function has_word(work, one)
  local word = word_for(work, one.id)
  return word ~= nil and (one.name == NAME_KEPT or word.is_named)
end

-- A row does not ask whose its name is, as the embedded engine does not.
local function admit_row(work, one, word)
  if word.has_profile then one.name = word.name and 's' .. word.name or 'r' end
  if work.are_owned and not word.has_profile and one.name ~= NAME_KEPT then note_unasked(work, one.id, true) end
end

-- Gives a submit the name that its player is to have; or answers a refusal, which may ask for the profile.
function people.admit(work, one, i)
  if not work.people or not hangs_on_profile(work, one) then return nil end
  if not has_word(work, one) then return refusal('NAMES', one.id) end
  local word = word_for(work, one.id)
  if is_row(work, one) then return admit_row(work, one, word) end
  local owner = work.names_taken[one.id .. '\0' .. one.name]
  if owner then return refusal('NAME_TAKEN', i - 1, owner) end
  if one.name ~= NAME_KEPT then note_unasked(work, one.id, false) end
  if not word.has_profile then return nil end
  if one.name == NAME_KEPT then
    one.name = word.name and 's' .. word.name or NAME_KEPT
    return nil
  end
  local mark = mark_of(work.keys, one.id)
  if not mark and given(one.name) == word.name then return nil end
  one.number = word.number > 0 and word.number or mark and mark.number
  if not one.number then return refusal('NAMES', one.id) end
end

local function asking(work, code, ones, asks)
  local refused, seen = refusal(code), {}
  for _, one in ipairs(ones) do
    if not seen[one.id] and asks(one) and not requests.answer(work, one) then
      seen[one.id] = true
      refused[#refused + 1] = one.id
    end
  end
  return next(seen) and refused or nil
end

-- Looks at all of a list at once, before the first is made: a refusal that asks for profiles, or nil.
function people.asks(work, ones)
  if not work.people then return nil end
  return asking(work, 'NAMES', ones, function(one)
    return not has_word(work, one) and hangs_on_profile(work, one)
  end)
end

-- The same for a board that takes submits of players with a profile only.
function people.asks_known(work, ones)
  if not work.people or not work.judge or not work.judge.known then return nil end
  return asking(work, 'PROFILES', ones, function(one) return people.is_known(work, one.id) == nil end)
end

-- Keeps the name that a submit gave, until all boards are told.
function people.keep(work, one, answer)
  if not one.number or answer[1] == 'has no place' then return end
  local key, field = people_key(work.keys), 'i' .. one.id
  local before = redis.call('HGET', key, field)
  windows.undo(work, function()
    if before then redis.call('HSET', key, field, before) else redis.call('HDEL', key, field) end
  end)
  redis.call('HSET', key, field, whole(one.number) .. ' ' .. one.name)
end

-- The last version that there is, '' if no board is to ask for it.
function people.version(keys)
  local is_used = redis.call('EXISTS', keys[6]) == 1 or people.are_owned(keys)
  return is_used and (redis.call('HGET', keys[2], '') or '0') or ''
end

local function profile_of(keys, id)
  local value = redis.call('HGET', keys[6], id)
  if not value then return nil end
  local version, name, avatar, metadata, forming = unpack(cmsgpack.unpack(value))
  return {
    version = version, name = name or nil, avatar = avatar or nil, metadata = metadata or nil, forming = forming == 1,
  }
end

local function put_profile(keys, id, profile)
  profile.version = next_version(keys)
  redis.call('HSET', keys[6], id, cmsgpack.pack({
    profile.version, profile.name or false, profile.avatar or false, profile.metadata or false, profile.forming and 1 or 0,
  }))
end

local function told_profile(profile)
  return {
    profile.version, profile.name or false, profile.avatar or false, profile.metadata or false, profile.forming and 1 or 0,
  }
end

local function note_naming(keys, id, profile, clock)
  redis.call('HSET', keys[7], '1' .. id, whole(profile.version) .. ' ' .. whole(clock))
end

function people.told_profile(keys, id)
  local profile = profile_of(keys, id)
  return profile and told_profile(profile) or false
end

-- Gives a profile a name; answers whether it had another.
local function put_name(keys, id, profile, name, clock)
  if profile.name == name and not profile.forming then return false end
  profile.name, profile.forming = name, false
  put_profile(keys, id, profile)
  note_naming(keys, id, profile, clock)
  return true
end

-- The names of boards, if not all are told of the name of a player.
local function boards_to_tell(keys, id)
  if redis.call('HEXISTS', keys[7], '1' .. id) == 0 then return {} end
  return redis.call('HKEYS', keys[1])
end

function people.note_submit(keys, id, board, clock, folded)
  local number = next_version(keys)
  redis.call('HSET', keys[7], '2' .. whole(number), cmsgpack.pack({ id, board, clock, folded }))
  return number
end

-- ARGV: now or '', playerId, name, avatar, metadata, the name as owners.lua has it. Answers the profile, and the names of
-- those who are to be told; or false and whose the name is.
local function set_profile(keys, args)
  local clock, id = clock_of(args[1]), args[2]
  local contest = people.claim(keys, id, args[6])
  if contest then return { false, contest } end
  local before = profile_of(keys, id)
  local profile = before or { forming = true }
  local is_named = args[3] ~= NAME_KEPT
  local name, avatar, metadata = given(args[3], profile.name), given(args[4], profile.avatar), given(args[5], profile.metadata)
  local is_other = not before or avatar ~= profile.avatar or metadata ~= profile.metadata
  profile.avatar, profile.metadata = avatar, metadata
  if not (is_named and put_name(keys, id, profile, name, clock)) and is_other then
    put_profile(keys, id, profile)
    if not before then note_naming(keys, id, profile, clock) end
  end
  return { told_profile(profile), boards_to_tell(keys, id) }
end

-- ARGV: now or '', playerId, version, name, the name as owners.lua has it. The first name of a profile, unless it has one by
-- now: the player's, whosever it was. If somebody took it since the version, the player may not show it any more, and is to
-- be looked at again. Answers as set_profile, and whose it was or ''.
local function form_profile(keys, args)
  local id, profile, before = args[2], profile_of(keys, args[2]), ''
  if not profile then return { false, {}, before } end
  local is_it = profile.forming and profile.version == tonumber(args[3])
  if is_it and people.is_taken_since(keys, id, args[5], profile.version) then
    put_profile(keys, id, profile)
  elseif is_it then
    put_name(keys, id, profile, given(args[4]), clock_of(args[1]))
    before = people.own(keys, id, args[5])
  end
  return { told_profile(profile), boards_to_tell(keys, id), before }
end

-- ARGV: now or '', playerId, name, the name as owners.lua has it. Answers the profile that was given the name, or false; the
-- last version, the names of boards, the number under which it is noted or 0, and false, or whose the name is.
local function name_player(keys, args)
  local clock, id, folded = clock_of(args[1]), args[2], args[4]
  local contest = people.claim(keys, id, folded)
  if contest then return { false, '0', {}, 0, contest } end
  local profile, number = profile_of(keys, id), 0
  if profile then
    put_name(keys, id, profile, given(args[3]), clock)
    note_naming(keys, id, profile, clock)
  elseif folded ~= '' and people.are_owned(keys) then
    number = people.note_submit(keys, id, '', clock, folded)
  end
  local version = redis.call('HGET', keys[2], '') or '0'
  return { profile and told_profile(profile) or false, version, redis.call('HKEYS', keys[1]), number, false }
end

-- ARGV: now or '', name of a board, by turns playerId, name and the name as owners.lua has it. Answers the last version; for
-- each player the profile, or false, the number of the submit, 0 if nothing hangs on it, and false, or whose the name is;
-- and 1 if names are owned.
local function words(keys, args)
  local clock, found, numbers, owned = clock_of(args[1]), {}, {}, people.are_owned(keys)
  for i = 3, #args, 3 do
    local id, what, folded = args[i], args[i + 1], args[i + 2]
    local profile, contest, number = profile_of(keys, id), people.claim(keys, id, folded), 0
    local is_other = profile and what ~= NAME_KEPT and given(what) ~= profile.name
    if not contest and (is_other or (owned and folded ~= '')) then
      numbers[id] = numbers[id] or people.note_submit(keys, id, args[2], clock, folded)
      number = numbers[id]
    end
    found[#found + 1] = { profile and told_profile(profile) or false, number, contest or false }
  end
  return { redis.call('HGET', keys[2], '') or '0', found, owned and 1 or 0 }
end

-- ARGV: now or '', number of a submit, the name that it gave, or '' if it was not made. Answers as set_profile.
local function take_name(keys, args)
  local field = '2' .. args[2]
  local value = redis.call('HGET', keys[7], field)
  redis.call('HDEL', keys[7], field)
  if not value or args[3] == '' then return { false, {} } end
  local id, clock = cmsgpack.unpack(value)[1], clock_of(args[1])
  local profile = profile_of(keys, id)
  if not profile then return { false, {} } end
  -- Told again even if it has the name by now: the board has not heard of that.
  if not put_name(keys, id, profile, given(args[3]), clock) then
    put_profile(keys, id, profile)
    note_naming(keys, id, profile, clock)
  end
  return { told_profile(profile), boards_to_tell(keys, id) }
end

-- The submits of a player, noted and not struck out, that give a name: number, board, micros by turns.
function people.pending(keys, id, folded)
  local all, found = redis.call('HGETALL', keys[7]), {}
  for i = 1, #all, 2 do
    if string.sub(all[i], 1, 1) == '2' then
      local owner, board, micros, name = unpack(cmsgpack.unpack(all[i + 1]))
      if owner == id and name == folded then
        for _, part in ipairs({ string.sub(all[i], 2), board, whole(micros) }) do found[#found + 1] = part end
      end
    end
  end
  return found
end

-- Takes a profile away; answers the version of that, or nil if there was none. Submits stay noted: names hang on them.
local function forget(keys, id, clock)
  if redis.call('HDEL', keys[6], id) == 0 then return nil end
  redis.call('HDEL', keys[7], '1' .. id)
  local version = next_version(keys)
  redis.call('HSET', keys[7], '3' .. id, whole(version) .. ' ' .. whole(clock))
  return version
end

-- ARGV: now or '', playerId. Answers the version, 0 if there was no profile, and the names of boards.
local function forget_profile(keys, args)
  local version = forget(keys, args[2], clock_of(args[1]))
  return { version or 0, version and redis.call('HKEYS', keys[1]) or {} }
end

-- How a player with a profile is named: 'r' without a name, 's' and the name; 'u' if that is not known.
function people.name_of(keys, id)
  local profile = profile_of(keys, id)
  if not profile or profile.forming then return 'u' end
  return profile.name and 's' .. profile.name or 'r'
end

function people.has_profile(keys, id)
  return redis.call('HEXISTS', keys[6], id)
end

-- ARGV: now or '', two playerIds, the name by which the second one is known or 'u', names as moves.are_held(). Gives the
-- profile of the first to the second, unless there is one. Answers 0 if it has another name; or the version of its end or 0; the profile of the second, to be told to all, or
-- false if that is the one of before, whose name stays where it is; the names of boards; and 1 if the second one keeps
-- an own one, which has another name by now: boards that did not know the player were told of it, and entries came to
-- them by the name of before.
local function move_profile(keys, args)
  local clock, from, to, known = clock_of(args[1]), args[2], args[3], args[4]
  local moved, profile = profile_of(keys, from), profile_of(keys, to)
  local is_named = moved and moved.name and not profile and known == 'u'
  if is_named and not moves.are_held(args[5], { moved.name }) then return 0 end
  local version = forget(keys, from, clock)
  local names = redis.call('HKEYS', keys[1])
  local is_renamed = profile and not profile.forming and people.name_of(keys, to) ~= known
  if is_renamed then moved = profile end
  if not moved or (profile and not is_renamed) then return { version or 0, false, names, 0 } end
  if not profile and known ~= 'u' then moved.name, moved.forming = given(known), false end
  put_profile(keys, to, moved)
  note_naming(keys, to, moved, clock)
  return { version or 0, told_profile(moved), names, profile and 1 or 0 }
end

-- ARGV: playerId. Answers the last version, the profile or false, and the names of boards.
local function read_profile(keys, args)
  local profile = profile_of(keys, args[1])
  local version = redis.call('HGET', keys[2], '') or '0'
  return { profile and told_profile(profile) or false, version, redis.call('HKEYS', keys[1]) }
end

-- ARGV: playerId.
local function show_profile(keys, args)
  local profile = profile_of(keys, args[1])
  return profile and told_profile(profile)
end

-- ARGV: playerId, version. All boards are told of the name.
local function told_name(keys, args)
  local noted = redis.call('HGET', keys[7], '1' .. args[1])
  if noted and tonumber(string.match(noted, '^%d+')) <= tonumber(args[2]) then redis.call('HDEL', keys[7], '1' .. args[1]) end
  return 1
end

-- ARGV: playerId, version. All boards are told of the end of the profile.
local function told_gone(keys, args)
  local noted = redis.call('HGET', keys[7], '3' .. args[1])
  if noted and string.match(noted, '^%d+') == args[2] then redis.call('HDEL', keys[7], '3' .. args[1]) end
  return 1
end

-- Of which names not all boards are told since then: playerIds; of which submits: number, playerId, board; of which
-- profiles that are gone: playerId, version.
function people.untold(keys, latest)
  local all, names, submits, gone = redis.call('HGETALL', keys[7]), {}, {}, {}
  for i = 1, #all, 2 do
    local kind, rest = string.sub(all[i], 1, 1), string.sub(all[i], 2)
    local version, since = string.match(all[i + 1], '^(%d+) (%d+)$')
    if kind == '1' then
      if tonumber(since) <= latest then names[#names + 1] = rest end
    elseif kind == '3' then
      if tonumber(since) <= latest then gone[#gone + 1] = { rest, version } end
    else
      local id, board, micros = unpack(cmsgpack.unpack(all[i + 1]))
      if micros <= latest then submits[#submits + 1] = { rest, id, board } end
    end
  end
  return names, submits, gone
end

redis.register_function('ladderdb_1_set_profile', set_profile)
redis.register_function('ladderdb_1_form_profile', form_profile)
redis.register_function('ladderdb_1_name_player', name_player)
redis.register_function('ladderdb_1_words', words)
redis.register_function('ladderdb_1_take_name', take_name)
redis.register_function('ladderdb_1_told_name', told_name)
redis.register_function('ladderdb_1_told_gone', told_gone)
redis.register_function('ladderdb_1_forget_profile', forget_profile)
redis.register_function('ladderdb_1_move_profile', move_profile)
redis.register_function { function_name = 'ladderdb_1_read_profile', callback = read_profile, flags = { 'no-writes' } }
redis.register_function { function_name = 'ladderdb_1_show_profile', callback = show_profile, flags = { 'no-writes' } }

end
