--- Deletes finished instances whose retention is over.
--- @keys tag
--- @args limit
--- @returns { "expired", count }
--- @include keys clock record remove
local due = redis.call("ZRANGEBYSCORE", expiryKey, "-inf", now, "LIMIT", 0, limit)
for i = 1, #due do
  local record = readFields(due[i], "status")
  redis.call("ZREM", expiryKey, due[i])
  if record.status then
    remove(due[i], record)
  end
end
return { "expired", #due }
