--- Deletes finished instances whose retention is over. One that ended long ago nobody asks after.
--- @keys tag
--- @args limit
--- @returns { "expired", count }
--- @include keys clock record remove deleted
local due = redis.call("ZRANGEBYSCORE", expiryKey, "-inf", now, "LIMIT", 0, limit)
for i = 1, #due do
  local record = readFields(due[i], "status", "endedAt", "labels")
  redis.call("ZREM", expiryKey, due[i])
  if record.status then
    remove(due[i], record)
    if now - record.endedAt < KEPT_MS then
      markDeleted(due[i])
    end
  end
end
forgetDeleted()
return { "expired", #due }
