--- Ends an instance from outside. The new fence makes a running activation stale.
--- @keys tag
--- @args id
--- @returns { "done", request* } | { "refused", status } | { "missing" }
--- @include keys clock record history place admit control sequence line
local record = readRecord(id, "fence", "worker", "createdAt", "errorMs")
if not record.status then
  return { "missing" }
elseif FINISHED[record.status] then
  return { "refused", record.status }
end

tellWorker(id, record, "revoked")
leavePlaces(id)
append(id, record, { '{"type":"workflow_terminated"}' })
redis.call("DEL", eventsKey(id))
redis.call("ZADD", expiryKey, now + record.errorMs, id)
moveTo(id, record, "terminated", "fence", drawNumber(), "endedAt", stamp,
  "worker", "", "claimNonce", "")
announceEnd(id)
local line = lineOf(id)
exitLine(id, line)
return advanceLine(admit({ "done" }), line)
