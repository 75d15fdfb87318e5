--- Prolongs a lease, and answers with news.
--- @keys tag
--- @args id fence leaseMs seenEvent
--- @returns { "renewed", isPauseRequested, lastEvent, (seq, event)* } | { "stale" }
--- @include keys clock record fence news
local record = readRecord(id, "fence", "eventSeq")
if not holdsFence(record, fence) then
  return { "stale" }
end
-- A Redis without memory refuses a ZADD, unless its script has written before. A lease that could not be
-- renewed would run out, and its instance be run again, for want of memory that this does not take.
redis.call("ZREM", leasesKey, id)
redis.call("ZADD", leasesKey, now + leaseMs, id)
return pushNews({ "renewed" }, id, record, seenEvent)
