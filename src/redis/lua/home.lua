--[[
Windows of a board in partitions. Its home, see partitions.lua, fixes the seasons, and partitions go by them.

    in m of the home         since, last, present, floor<n>, on<n>, left<n>: as of a board, see windows.lua
                             start<n>: of a season that is being started by hand, a token of who began it, its id, and
                             when it begins, once that is fixed; as MessagePack
    w<n>, w<n>:ends          at the home: all seasons that any partition has. At a partition: those that it has itself
    in m of a partition      fence<n>: the token of a season that is being started; until the partition is told when that
                             begins, it takes no changes

A season of the calendar is fixed when a partition lacks it for the first time: the partition changes nothing and says
SEASON, the caller asks the home, and calls again with the season as it is fixed there. So (11) a partition has no season
that the home does not have with the same borders.

A season that is started by hand begins later than all times that any partition has given, and no partition gives one
before it knows of the season:

    home: note ──► each partition: fence, tell the last time ──► home: fix a later one ──► each partition: begin ──► home: end

Who meets a fence does what is left of this. What is noted at the home is struck out only when all partitions know the
season, and nothing else is noted before.
]]

do
  local SPANS_TOLD = 20
  local PASS_FENCES = { fence_season = true, unfence_season = true, begin_season = true }

  function windows.fence(work, window)
    if not window.is_manual or not work.keys.is_partition or PASS_FENCES[work.change] then return nil end
    local token = redis.call('HGET', work.keys[4], 'fence' .. window.number)
    return token and refusal('FENCED', window.number, token)
  end

  -- Whether a change needs no season: rules, and what a slot without seasons is told, before the board is there or later.
  function windows.needs_none(work)
    if work.change == 'tell_rules' then return true end
    if not string.find(work.change, '^learn') then return false end
    for _, window in ipairs(work.windows) do
      if redis.call('EXISTS', window.index) == 1 then return false end
    end
    return true
  end

  local function numbered(work, number)
    for _, window in ipairs(work.windows) do
      if window.number == tonumber(number) then return window end
    end
  end

  windows.numbered = numbered

  -- Arguments: numbers of windows and instants by turns. Answers for each the season: id, from, to, the floor while it is
  -- on, and whether it counts, or false. Those that do not count are not fixed.
  function writes.fix_seasons(work, args)
    local found = {}
    windows.since(work, windows.present(work))
    for at = 10, #args, 2 do
      local window = numbered(work, args[at])
      local season, refused, floor
      if window then season, refused = windows.at(window, tonumber(args[at + 1])) end
      if season and window.retain and not refused then floor, refused = windows.floor_behind(window, season) end
      if refused then return nil, refused end
      if season then
        local counts = windows.counts(work, window, season)
        if counts then windows.store(work, window, season) end
        found[#found + 1] = {
          season.id, whole(season.from), season.to and whole(season.to) or '', floor and whole(floor) or '', counts and 1 or 0,
        }
      else
        found[#found + 1] = false
      end
    end
    return found
  end

  local function start_of(meta, number)
    local value = redis.call('HGET', meta, 'start' .. number)
    return value and cmsgpack.unpack(value)
  end

  local function put_start(meta, number, start)
    redis.call('HSET', meta, 'start' .. number, cmsgpack.pack(start))
  end

  -- Arguments: number of the window. Answers what is noted of the start of a season, or false.
  function reads.season_start(keys, _, args)
    return start_of(keys[4], args[1]) or false
  end

  -- At the home. Arguments: name of the window, id of the season, token. Answers the number of the window, and whether the
  -- start was noted: if not, another one is to be done first.
  function writes.note_start(work, args)
    local window, unknown = windows.named(work.windows, args[10])
    if not window then return nil, unknown end
    if redis.call('HEXISTS', work.keys[4], 'start' .. window.number) == 1 then return { window.number, 0 } end
    if redis.call('HEXISTS', window.ends, args[11]) == 1 then return nil, refusal('SEASON_EXISTS') end
    put_start(work.keys[4], window.number, { args[12], args[11], '' })
    return { window.number, 1 }
  end

  -- The last stored seasons of a window: id, start and end by turns.
  local function last_spans(window)
    local all, spans = redis.call('ZREVRANGE', window.index, 0, SPANS_TOLD - 1, 'WITHSCORES'), {}
    for i = 1, #all, 2 do
      local to = redis.call('HGET', window.ends, all[i]) or ''
      for _, part in ipairs({ all[i], whole(tonumber(all[i + 1])), to }) do spans[#spans + 1] = part end
    end
    return spans
  end

  -- At the home. Arguments: number of the window, token, the last time that any partition has given; if one knows the
  -- season, which the home lost, when it began. Answers when the season begins, and the last seasons; false if that start
  -- is not noted any more.
  function writes.fix_start(work, args)
    local meta, window = work.keys[4], numbered(work, args[10])
    local start = start_of(meta, args[10])
    if not window or not start or start[1] ~= args[11] then return false end
    if start[3] ~= '' then return { start[3], last_spans(window) } end
    work.last = math.max(work.last, tonumber(args[12]))
    local from = tonumber(args[13])
    if from then
      windows.end_before(work, window, from)
      windows.open_begun(work, window, { id = start[2], from = from })
    else
      windows.begin(work, window, start[2])
    end
    if work.last > MICROS_MAX then
      take_back(work)
      return nil, refusal('CLOCK')
    end
    start[3] = whole(from or work.last)
    put_start(meta, args[10], start)
    return { start[3], last_spans(window) }
  end

  -- At the home. Arguments: number of the window, token, '1' for a start that is fixed, '0' for one that is given up.
  -- Answers whether it is noted no more.
  function writes.end_start(work, args)
    local meta = work.keys[4]
    local start = start_of(meta, args[10])
    if not start or start[1] ~= args[11] then return 1 end
    if (start[3] ~= '') ~= (args[12] == '1') then return 0 end
    return redis.call('HDEL', meta, 'start' .. args[10])
  end

  -- At a partition. Arguments: id of the board, number of the window, token, id of the season. Answers the last time that
  -- the partition has given, whether it is of this board, and if it knows the season when that began.
  function writes.fence_season(work, args)
    local window = numbered(work, args[11])
    if work.id ~= args[10] or not window then return { '0', 0, '' } end
    local from = redis.call('ZSCORE', window.index, args[13])
    if not from then redis.call('HSET', work.keys[4], 'fence' .. args[11], args[12]) end
    return { whole(work.last), 1, from and whole(tonumber(from)) or '' }
  end

  local function unfence(work, number, token)
    local field = 'fence' .. number
    if redis.call('HGET', work.keys[4], field) == token then redis.call('HDEL', work.keys[4], field) end
  end

  -- At a partition. Arguments: number of the window, token.
  function writes.unfence_season(work, args)
    unfence(work, args[10], args[11])
    return 1
  end

  -- At a partition. Arguments: id of the board, number of the window, token, id of the season, when it begins, the last
  -- seasons: those that the partition forgot in a failover, and the end of the one before, are among them. Answers whether
  -- the partition is of this board.
  function writes.begin_season(work, args)
    local window, id, from = numbered(work, args[11]), args[13], args[14]
    if work.id ~= args[10] or not window then return 0 end
    if redis.call('HEXISTS', window.ends, id) == 0 then
      for at = 15, #args, 3 do
        redis.call('ZADD', window.index, args[at + 1], args[at])
        redis.call('HSET', window.ends, args[at], args[at + 2])
      end
      work.last = math.max(work.last, tonumber(from))
      work.present = math.max(work.present, work.last)
      windows.open_begun(work, window, { id = id, from = tonumber(from) })
    end
    unfence(work, args[11], args[12])
    return 1
  end

  -- The present of a slot as far as its own changes and the clock tell it. What is sealed by then stays sealed.
  local function present_of(keys, now)
    local state = redis.call('HMGET', keys[4], 'last', 'present')
    local clock = tonumber(now)
    if not clock then
      local time = redis.call('TIME')
      clock = tonumber(time[1]) * 1000000 + tonumber(time[2])
    end
    return whole(math.max(clock, tonumber(state[1] or '0'), tonumber(state[2] or '0')))
  end

  local function keys_of_season(keys, number, from)
    local prefix = string.sub(keys[4], 1, -2) .. 's' .. number .. ':'
    return windows.season_keys(keys, { prefix = prefix }, { from = tonumber(from) })
  end

  -- At a partition, as those that follow. Arguments: now or '', number of a window and start of a season, parted by a colon,
  -- name of a question, its arguments. Answers the present, and what the question answers about the season.
  function reads.of_season(keys, width, args, settings)
    local number, from = string.match(args[2], '^(%d+):(%d+)$')
    local rest = {}
    for i = 4, #args do rest[i - 3] = args[i] end
    return { present_of(keys, args[1]), reads[args[3]](keys_of_season(keys, number, from), width, rest, settings) }
  end

  -- Arguments: those of all questions about seasons, name of a window, start of a season or ''. Answers id, start and end of
  -- some stored seasons that begin behind it.
  function reads.season_spans(keys, _, args, settings)
    local window = windows.named(windows.of(keys, settings), args[4])
    local least = args[5] == '' and '-inf' or '(' .. args[5]
    local all = window and redis.call('ZRANGEBYSCORE', window.index, least, '+inf', 'WITHSCORES', 'LIMIT', 0, CHUNK) or {}
    local spans = {}
    for i = 1, #all, 2 do
      spans[#spans + 1] = { all[i], whole(tonumber(all[i + 1])), redis.call('HGET', window.ends, all[i]) or '' }
    end
    return spans
  end

  -- Arguments: now or '', number of a window, starts of seasons. Answers the present and the sizes.
  function reads.sizes_of_seasons(keys, _, args)
    local sizes = {}
    for i = 3, #args do sizes[i - 2] = redis.call('ZCARD', keys_of_season(keys, args[2], args[i])[1]) end
    return { present_of(keys, args[1]), sizes }
  end

  -- Arguments: now or '', number of a window; then start of a season and a key by turns. Answers the present, how many
  -- entries are below each key in its season, and the sizes.
  function reads.counts_in_seasons(keys, _, args)
    local counts, sizes = {}, {}
    for i = 3, #args, 2 do
      local entries = keys_of_season(keys, args[2], args[i])[1]
      counts[#counts + 1] = below(entries, args[i + 1])
      sizes[#sizes + 1] = redis.call('ZCARD', entries)
    end
    return { present_of(keys, args[1]), counts, sizes }
  end
end
