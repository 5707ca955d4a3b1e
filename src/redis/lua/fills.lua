--[[
Which sealed seasons an import fills, of a board in partitions: those that are empty in all of them when the first row comes.

    at the home  f  HASH: as in import.lua; 'by ' number of a window and start of a season -> the id of the import that fills
                    it, and when the home said so last, microseconds: later each time
    partition    f  HASH: as in import.lua; or, in place of 1, '?' and such an instant: only a later word of the home counts

A partition that does not know says FILLS. The caller asks all partitions whether the season is empty there, and then the
home, where the first answer to an import holds, and one import at a time fills a season. What holds is given to the
partition with the next call, which notes it.

An import that died keeps no season of which no row is stored: ten seconds later another one takes it over. First that one
holds back the rows of the other in every partition, and hears whether the season is still empty there. An import that
is held back asks the home again, whose word is later then: either it goes on, and the other one gets nothing, or the season is
taken over. So nothing is to be repaired if the one who takes over dies on its way.
]]

do
  local KEPT_MICROS = 10 * 1000000

  local function fills_key(keys)
    return string.sub(keys[4], 1, -2) .. 'f'
  end

  local function is_taken(keys, place)
    local season = string.sub(keys[4], 1, -2) .. 's' .. place
    return redis.call('EXISTS', season .. ':e', season .. ':h') > 0
  end

  -- At a partition. Arguments: number of a window and start of a season, parted by a colon, of some seasons. Answers 1 for
  -- each that has somebody, hidden or not.
  function reads.are_taken(keys, _, args)
    local found = {}
    for i, place in ipairs(args) do found[i] = is_taken(keys, place) and 1 or 0 end
    return found
  end

  -- At a partition. Arguments: id of an import, when the home said last that it fills a season, the season. Answers 1 if the
  -- season has somebody, else holds back the rows that the import has for it.
  function writes.hold_fill(work, args)
    local run, said, place = args[10], args[11], args[12]
    if is_taken(work.keys, place) then return 1 end
    local key, field = fills_key(work.keys), run .. ' ' .. place
    local value = redis.call('HGET', key, field)
    local held = value and tonumber(string.match(value, '^%?(%d+)$') or 0)
    if value ~= '0' and (held or 0) < tonumber(said) then redis.call('HSET', key, field, '?' .. said) end
    return 0
  end

  -- Says that an import fills a season, later than it was said before.
  local function give(work, key, run, place, before)
    local said = whole(math.max(windows.present(work), before + 1))
    redis.call('HSET', key, run .. ' ' .. place, '1', 'by ' .. place, run .. ' ' .. said)
    return '1 ' .. said
  end

  local function pass_over(key, run, place)
    redis.call('HSET', key, run .. ' ' .. place, '0')
    return '0'
  end

  -- `over` is whom the caller has held back, and up to which word of the home.
  local function decide_fill(work, key, run, place, taken, over)
    local value, by = redis.call('HGET', key, run .. ' ' .. place), redis.call('HGET', key, 'by ' .. place)
    local owner, said = string.match(by or '', '^(%S+) ?(%d*)$')
    said = tonumber(said) or 0
    if value == '1' then return give(work, key, run, place, said) end
    if value or taken == '1' then return pass_over(key, run, place) end
    if not owner and over == '' then return give(work, key, run, place, said) end
    local kept = owner and owner .. ' ' .. whole(said)
    if over == '' and windows.present(work) - said >= KEPT_MICROS then return '? ' .. kept end
    if over ~= kept then return pass_over(key, run, place) end
    pass_over(key, owner, place)
    return give(work, key, run, place, said)
  end

  -- At the home. Arguments: id of an import; then season, 1 if it has somebody, and whom the caller has held back for it, or
  -- '', by turns. Answers for each 0, or 1 and when this was said if the import fills it: from then on the season counts as
  -- one of the board; or ? with the import that keeps it, and when that was said last: it may be taken over.
  function writes.decide_fills(work, args)
    local key, found, run = fills_key(work.keys), {}, args[10]
    for at = 11, #args, 3 do
      local number, from = string.match(args[at], '^(%d+):(%d+)$')
      local window = windows.numbered(work, number)
      local season, refused
      if window then season, refused = windows.at(window, tonumber(from)) end
      if refused then return nil, refused end
      local value = season and decide_fill(work, key, run, args[at], args[at + 1], args[at + 2]) or '0'
      if string.sub(value, 1, 1) == '1' then windows.store(work, window, season) end
      found[#found + 1] = value
    end
    return found
  end

  -- At the home. Arguments: id of an import that came to its end.
  function writes.end_fills(work, args)
    local key = fills_key(work.keys)
    local all = redis.call('HGETALL', key)
    for i = 1, #all, 2 do
      local begins = args[10] .. ' '
      local is_of_run = string.sub(all[i], 1, #begins) == begins or string.sub(all[i + 1], 1, #begins) == begins
      if is_of_run then redis.call('HDEL', key, all[i]) end
    end
    return 1
  end
end
