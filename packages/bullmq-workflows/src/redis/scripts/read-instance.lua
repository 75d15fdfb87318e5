--- Reads what is told of an instance, without its history.
--- @keys tag
--- @args id
--- @returns { "found", status, params, priority, createdAt, startedAt, endedAt, result, wakeUp, fence, ending, nonce, labels, delayedUntil } | { "missing" }
--- @include keys record history answer
local record = readRecord(id, "priority", "createdAt", "startedAt", "endedAt", "wakeUp", "fence", "rollback", "nonce",
  "labels", "delayedUntil")
if not record.status then
  return { "missing" }
end
local key = historyKey(id)
return { "found", record.status, weigh(redis.call("LINDEX", key, 0)), record.priority, record.createdAt,
  record.startedAt, record.endedAt, hasResult(record.status) and weigh(redis.call("LINDEX", key, -1)),
  record.wakeUp, record.fence,
  -- How a rollback ended is said by the last entry but one.
  record.rollback == "ended" and redis.call("LINDEX", key, hasResult(record.status) and -3 or -2), record.nonce,
  record.labels, record.delayedUntil }
