--- Finds runnable instances that nobody claimed for long, and starts their waiting anew. Also admits
--- what may be admitted: a lifted limit lets in only so many in one go.
--- @keys tag
--- @args olderThanMs limit
--- @returns { "pending", request* }
--- @include keys clock record slots admit
local FEW_PENDING, MS_PER_PENDING = 1000, 5
local reply = { "pending" }
-- Most of a long queue just waits for a worker: the longer it is, the less often it is looked through.
local crowd = math.max(0, redis.call("ZCARD", pendingKey) - FEW_PENDING)
local patience = olderThanMs + crowd * MS_PER_PENDING
local late = redis.call("ZRANGEBYSCORE", pendingKey, "-inf", now - patience, "LIMIT", 0, limit)
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
