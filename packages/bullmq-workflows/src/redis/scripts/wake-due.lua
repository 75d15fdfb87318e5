--- Makes instances runnable whose wake-up or delayed start is due.
--- @keys tag
--- @args limit
--- @returns { "due", now, nextAt, request* }
--- @include keys clock record runnable
local reply = { "due", now, "" }
local due = redis.call("ZRANGEBYSCORE", timersKey, "-inf", now, "LIMIT", 0, limit)
for i = 1, #due do
  local record = readFields(due[i], "status", "createdAt", "startedAt", "priority")
  redis.call("ZREM", timersKey, due[i])
  if record.status then
    makeRunnable(reply, due[i], record)
  end
end
reply[3] = redis.call("ZRANGE", timersKey, 0, 0, "WITHSCORES")[2] or ""
return reply
