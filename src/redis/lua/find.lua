--[[
Looking for players by their names. The server knows no Unicode: it leaves out the names that cannot be meant, and the
caller compares the others (domain/find.ts). What is folded is in upper case; of ASCII that is all there is to it.
]]

-- Whether a name may begin with what is looked for. Names beyond ASCII may fold to anything, those of ASCII to ASCII only.
local function may_begin(name, folded)
  if string.find(name, '[\128-\255]') then return true end
  return string.upper(string.sub(name, 1, #folded)) == folded
end

-- A bite of a search in the order of the board. Arguments: the key behind which it begins or '', the folded beginning.
-- Answers the last key that was looked at, empty at the end of the board; keys and names that may be meant.
function reads.find(keys, width, args)
  local from = args[1] == '' and '-' or '(' .. args[1]
  local members = redis.call('ZRANGEBYLEX', keys[1], from, '+', 'LIMIT', 0, CHUNK)
  local ids = {}
  for i, member in ipairs(members) do ids[i] = string.sub(member, width + 9) end
  local found, names = {}, {}
  for i, record in ipairs(#ids > 0 and redis.call('HMGET', keys[2], unpack(ids)) or {}) do
    local name = details_of(record, width) or ids[i]
    if may_begin(name, args[2]) then
      found[#found + 1] = members[i]
      names[#names + 1] = name
    end
  end
  return { #members == CHUNK and members[CHUNK] or '', found, names }
end
