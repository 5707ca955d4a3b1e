--[[
Questions that a replica of a cluster answers.

While a slot moves to another node, its keys leave one by one, and a replica answers from those that are left as if they
were all (Redis 7): a board without its entries would look like one that nobody plays. So each change notes in m whether
there are any, `full`, and a replica that has all of e, p and d, or none of them, as m says, has the whole board: at the
one instant of the function, and by (1) and (2) together they are there or not.
]]

-- Called by each change behind its work; costs one command, and another one if the first entry comes or the last one goes.
function replicas.note_full(work)
  if not work.id then return end
  local full = redis.call('EXISTS', work.keys[1]) == 1 and '1' or '0'
  if full ~= work.full then redis.call('HSET', work.keys[4], 'full', full) end
end

-- As read(), of a board that is all there: for questions that look at e, p, d and m only.
local function read_whole(keys, args)
  local full = redis.call('HGET', keys[4], 'full')
  local all = { keys[1], keys[2], not is_partition(args[1]) and keys[3] or nil }
  if not full or redis.call('EXISTS', unpack(all)) ~= (full == '1' and #all or 0) then return refusal('NOT_WHOLE') end
  return read(keys, args)
end

redis.register_function {
  function_name = 'ladderdb_1_read_whole', callback = read_whole, flags = { 'no-writes' },
}
