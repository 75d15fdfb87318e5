--- Prolongs a lease, and answers with news.
--- @keys tag
--- @args id fence leaseMs seenEvent
--- @returns { "renewed", isPauseRequested, lastEvent, (seq, event)* } | { "stale" }
--- @include keys clock record fence news
local record = readRecord(id, "fence", "eventSeq")
if not holdsFence(record, fence) then
  return { "stale" }
end
redis.call("ZADD", leasesKey, now + leaseMs, id)
return pushNews({ "renewed" }, id, record, seenEvent)
