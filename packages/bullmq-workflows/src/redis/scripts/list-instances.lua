--- Lists the instances in a status, newest first. A page starts after the instance that ended the
--- one before, by its createdAt and id, whether or not that one is still there.
--- @keys tag
--- @args status limit afterCreatedAt afterId
--- @returns { "page", (id, createdAt)* }
--- @include keys
local key = statusKey(status)

--- The order of the index, which compares bytes; Lua's own comparison follows the locale.
local function isBelow(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = a:byte(i), b:byte(i)
    if x ~= y then
      return x < y
    end
  end
  return #a < #b
end

--- How many come before the page. Those created in the same millisecond are in descending order of
--- id, so the place among them is found by halving.
local function countBefore()
  local newer = redis.call("ZCOUNT", key, "(" .. afterCreatedAt, "+inf")
  local low = newer
  local high = newer + redis.call("ZCOUNT", key, afterCreatedAt, afterCreatedAt)
  while low < high do
    local middle = math.floor((low + high) / 2)
    if isBelow(redis.call("ZREVRANGE", key, middle, middle)[1], afterId) then
      high = middle
    else
      low = middle + 1
    end
  end
  return low
end

local first = afterCreatedAt == "" and 0 or countBefore()
local reply = redis.call("ZREVRANGE", key, first, first + limit - 1, "WITHSCORES")
table.insert(reply, 1, "page")
return reply
