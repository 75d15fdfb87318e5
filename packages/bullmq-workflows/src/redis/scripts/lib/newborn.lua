--- Writes down a new instance, with its further fields. The caller gives it its place.
--- @include keys clock record feed
local function recordNew(id, params, ...)
  redis.call("ZADD", statusKey("queued"), stamp, id)
  redis.call("RPUSH", historyKey(id), params)
  redis.call("HSET", instanceKey(id), "status", "queued", "format", SUPPORTED_FORMAT, "createdAt", stamp, ...)
  tellStatus(id, "queued")
end
