--- Starts an instance over, whatever its status: only its params, priority and creation remain.
--- @keys tag
--- @args id
--- @returns { "done", request* } | { "missing" }
--- @include keys clock record history ids place admit runnable control sequence line line-entry
local record = readRecord(id, "fence", "worker", "createdAt", "priority", "lastId")
if not record.status then
  return { "missing" }
end

tellWorker(id, record, "revoked")
leavePlaces(id)
local lastId = takeIds(id, record, redis.call("LLEN", historyKey(id)))
redis.call("LTRIM", historyKey(id), 0, 0)
append(id, record, { '{"type":"workflow_restarted","lastId":' .. lastId .. "}" })
redis.call("DEL", eventsKey(id))
redis.call("HDEL", instanceKey(id), "startedAt", "startedAfter", "endedAt", "pausedAt", "delayedUntil", "wakeAt", "awaits",
  "eventSeq", "commit", "committedAt", "orphan", "flag", "rollback")
local number = drawNumber()
redis.call("HSET", instanceKey(id), "fence", number, "baseline", number)
-- Else one that rolled back would stay so.
moveTo(id, record, "queued")
record.status = "queued"
local line = lineOf(id)
if line and not reenterLine(id, line) then
  moveTo(id, record, "queued", "worker", "", "claimNonce", "")
  return admit({ "done" })
end
return makeRunnable(admit({ "done" }), id, record)
