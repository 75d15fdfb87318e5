--- Knows for a minute what was deleted, so that an instance which was lost can be told from it.
--- @include keys clock
local KEPT_MS = 60000

local function markDeleted(id)
  redis.call("ZADD", deletedKey, stamp, id)
end

local function forgetDeleted()
  redis.call("ZREMRANGEBYSCORE", deletedKey, "-inf", "(" .. (now - KEPT_MS))
end

--- Whether an instance that is not there may have been deleted, which for one that was seen long ago
--- cannot be told; except that it was not when the numbers that were drawn since are gone as well.
local function mayBeDeleted(id, createdAt, fence, ageMs)
  local deletedAt = redis.call("ZSCORE", deletedKey, id)
  local wasDeleted = deletedAt and tonumber(deletedAt) >= (tonumber(createdAt) or 0)
  local drawn = string.match(redis.call("GET", sequenceKey) or "0", "^%d+")
  local isBehind = tonumber(drawn) < tonumber(fence)
  return wasDeleted or (not isBehind and tonumber(ageMs) >= KEPT_MS)
end
