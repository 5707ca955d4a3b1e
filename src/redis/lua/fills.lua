--[[
Which sealed seasons an import fills, of a board in partitions: those that are empty in all of them when the first row comes.

    at the home  f  HASH: as in import.lua; 'by ' number of a window and start of a season -> the id of the import that fills it

A partition that does not know says FILLS. The caller asks all partitions whether the season is empty there, and then the
home, where the first answer to an import holds, and one import at a time fills a season. What holds is given to the
partition with the next call, which notes it.
]]

do
  local function fills_at_home(keys)
    return string.sub(keys[4], 1, -2) .. 'f'
  end

  -- At a partition. Arguments: number of a window and start of a season, parted by a colon, of some seasons. Answers 1 for
  -- each that has somebody, hidden or not.
  function reads.are_taken(keys, _, args)
    local prefix, found = string.sub(keys[4], 1, -2) .. 's', {}
    for i, season in ipairs(args) do
      found[i] = redis.call('EXISTS', prefix .. season .. ':e', prefix .. season .. ':h') > 0 and 1 or 0
    end
    return found
  end

  local function decide_fill(work, key, run, place, is_taken)
    local field, by = run .. ' ' .. place, redis.call('HGET', key, 'by ' .. place)
    local value = redis.call('HGET', key, field)
    if value then return value end
    value = (is_taken == '1' or by and by ~= run) and '0' or '1'
    redis.call('HSET', key, field, value)
    if value == '1' then redis.call('HSET', key, 'by ' .. place, run) end
    return value
  end

  -- At the home. Arguments: id of an import; then season and 1 if it has somebody by turns. Answers for each 1 if the import
  -- fills it: from then on the season counts as one of the board.
  function writes.decide_fills(work, args)
    local key, found, run = fills_at_home(work.keys), {}, args[10]
    for at = 11, #args, 2 do
      local number, from = string.match(args[at], '^(%d+):(%d+)$')
      local window = windows.numbered(work, number)
      local season, refused
      if window then season, refused = windows.at(window, tonumber(from)) end
      if refused then return nil, refused end
      local value = season and decide_fill(work, key, run, args[at], args[at + 1]) or '0'
      if value == '1' then windows.store(work, window, season) end
      found[#found + 1] = value
    end
    return found
  end

  -- At the home. Arguments: id of an import that came to its end.
  function writes.end_fills(work, args)
    local key = fills_at_home(work.keys)
    local all = redis.call('HGETALL', key)
    for i = 1, #all, 2 do
      local is_of_run = string.sub(all[i], 1, #args[10] + 1) == args[10] .. ' '
      if is_of_run or all[i + 1] == args[10] then redis.call('HDEL', key, all[i]) end
    end
    return 1
  end
end
