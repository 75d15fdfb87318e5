--- Ends an instance here and now. The new fence makes a running activation stale.
--- Needs the record's status, fence, worker, createdAt and errorMs.
--- @include keys clock history place admit control sequence line
local function terminate(id, record)
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
end
