--- Finds runnable instances that nobody claimed for long, and starts their waiting anew. Also admits
--- what may be admitted: a lifted limit lets in only so many in one go.
--- @keys tag
--- @args olderThanMs limit
--- @returns { "pending", request* }
--- @include keys clock record slots admit
local reply = { "pending" }
local late = redis.call("ZRANGEBYSCORE", pendingKey, "-inf", now - olderThanMs, "LIMIT", 0, limit)
for i = 1, #late do
  local id = late[i]
  local record = readFields(id, "wakeUp", "startedAt", "priority")
  if record.wakeUp then
    redis.call("ZADD", pendingKey, stamp, id)
    pushRequest(reply, id, record.wakeUp, rankOf(record))
  else
    redis.call("ZREM", pendingKey, id)
  end
end
local free = freeSlots()
if free > 0 then
  admitUpTo(reply, free)
end
return reply
