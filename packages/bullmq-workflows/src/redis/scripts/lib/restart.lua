--- Takes an instance from whoever runs it and starts it over, at the end of the line. What was known of it
--- before is no measure any more.
--- @include keys place admit runnable control sequence
local function startOver(id, record)
  tellWorker(id, record, "revoked")
  leavePlaces(id)
  redis.call("DEL", eventsKey(id))
  redis.call("HDEL", instanceKey(id), "startedAt", "endedAt", "pausedAt", "delayedUntil", "wakeAt", "awaits",
    "eventSeq", "commit", "committedAt", "orphan", "flag")
  local number = drawNumber()
  redis.call("HSET", instanceKey(id), "fence", number, "baseline", number)
  return makeRunnable(admit({ "done" }), id, record)
end
