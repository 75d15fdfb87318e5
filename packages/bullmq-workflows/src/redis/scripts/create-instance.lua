--- Creates an instance, unless its id is taken by another one.
--- @keys tag
--- @args id params priority delayMs successMs errorMs nonce
--- @returns { "created", request? } | { "exists" }
--- @include keys clock record slots runnable newborn
local record = readRecord(id, "nonce", "wakeUp", "startedAt", "priority")
local reply = { "created" }
if record.status then
  if record.nonce ~= nonce then
    return { "exists" }
  end
  if redis.call("ZSCORE", pendingKey, id) then
    pushRequest(reply, id, record.wakeUp, rankOf(record))
  end
  return reply
end

local field, value = "wakeUp", nil
if tonumber(delayMs) > 0 then
  field, value = "delayedUntil", now + delayMs
  redis.call("ZADD", timersKey, value, id)
else
  value = enqueue(reply, id, tonumber(priority))
end
recordNew(id, params, field, value, "priority", priority, "successMs", successMs, "errorMs", errorMs,
  "nonce", nonce)
return reply
