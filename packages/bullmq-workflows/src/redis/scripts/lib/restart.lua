--- Takes an instance from whoever runs it and starts it over, at the end of the line. What was known of it
--- before is no measure any more, and no id up to this one is given to another event.
--- @include keys history place admit runnable control sequence line line-entry
local function startOver(id, record, lastId)
  tellWorker(id, record, "revoked")
  leavePlaces(id)
  append(id, record, { '{"type":"workflow_restarted","lastId":' .. lastId .. "}" })
  redis.call("DEL", eventsKey(id))
  redis.call("HDEL", instanceKey(id), "startedAt", "startedAfter", "endedAt", "pausedAt", "delayedUntil",
    "wakeAt", "awaits", "eventSeq", "commit", "committedAt", "orphan", "flag", "rollback")
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
end
