--- Creates an instance, unless its id is taken by another one, with further fields in its record.
--- @include keys clock record slots runnable newborn

--- Answers also whether it is new, and not the repeat of a create that was carried out.
local function createOne(id, params, priority, delayMs, successMs, errorMs, nonce, ...)
  local record = readRecord(id, "nonce", "wakeUp", "startedAt", "priority")
  local reply = { "created" }
  if record.status then
    if record.nonce ~= nonce then
      return { "exists" }, false
    end
    if redis.call("ZSCORE", pendingKey, id) then
      pushRequest(reply, id, record.wakeUp, rankOf(record))
    end
    return reply, false
  end

  local field, value = "wakeUp", nil
  if tonumber(delayMs) > 0 then
    field, value = "delayedUntil", now + delayMs
    redis.call("ZADD", timersKey, value, id)
  else
    value = enqueue(reply, id, tonumber(priority))
  end
  recordNew(id, params, field, value, "priority", priority, "successMs", successMs, "errorMs", errorMs,
    "nonce", nonce, ...)
  return reply, true
end
