--- The order of an index: by score, and those of one score by the bytes of their ids.
--- @include keys

--- Lua's own comparison follows the locale.
local function isBelow(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = a:byte(i), b:byte(i)
    if x ~= y then
      return x < y
    end
  end
  return #a < #b
end

--- How many come before a score: with a higher one when the newest come first, else with a lower one.
local function countBefore(key, score, isNewestFirst)
  if isNewestFirst then
    return redis.call("ZCOUNT", key, "(" .. score, "+inf")
  end
  return redis.call("ZCOUNT", key, "-inf", "(" .. score)
end

local function rangeOf(key, first, last, isNewestFirst)
  return redis.call(isNewestFirst and "ZREVRANGE" or "ZRANGE", key, first, last, "WITHSCORES")
end

--- How many come before an instance or are it, whether or not it is there. Those of one score are in the
--- order of their ids, so that the place among them is found by halving.
local function countUpTo(key, score, id, isNewestFirst)
  local low = countBefore(key, score, isNewestFirst)
  local high = low + redis.call("ZCOUNT", key, score, score)
  while low < high do
    local middle = math.floor((low + high) / 2)
    local other = rangeOf(key, middle, middle, isNewestFirst)[1]
    local isAfter = isNewestFirst and isBelow(other, id) or not isNewestFirst and isBelow(id, other)
    if isAfter then high = middle else low = middle + 1 end
  end
  return low
end
