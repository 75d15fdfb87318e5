--- Starts an instance over, whatever its status: only its params, priority and creation remain.
--- @keys tag
--- @args id
--- @returns { "done", request* } | { "missing" }
--- @include keys clock record place admit runnable control sequence
local record = readRecord(id, "fence", "worker", "createdAt", "priority")
if not record.status then
  return { "missing" }
end

tellWorker(id, record, "revoked")
leavePlaces(id)
redis.call("LTRIM", historyKey(id), 0, 0)
redis.call("UNLINK", eventsKey(id), streamsKey(id))
redis.call("HDEL", instanceKey(id), "startedAt", "endedAt", "pausedAt", "delayedUntil", "wakeAt", "awaits",
  "eventSeq", "commit", "committedAt", "orphan", "flag")
local number = drawNumber()
redis.call("HSET", instanceKey(id), "fence", number, "baseline", number)
return makeRunnable(admit({ "done" }), id, record)
