--- Ends an activation until a wake-up: an instant, an event, or whichever comes first.
--- Refuses when something arrived that the activation has not seen, so that nothing is missed.
--- @keys tag
--- @args id fence commit after seenEvent wakeAt wakeInMs awaits consumed[] entries[]
--- @returns { "suspended", at, request* } | { "arrived", isPauseRequested, lastEvent, (seq, event)* } | { "stale" }
--- @include keys clock record fence history news place admit
local record = readRecord(id, "fence", "commit", "committedAt", "eventSeq", "createdAt")
local judged = judgeEnding(record, fence, commit, after)
if judged == "stale" then
  return { "stale" }
elseif judged == "repeat" then
  return { "suspended", record.committedAt }
elseif record.status == "waitingForPause" or hasUnseen(record, seenEvent) then
  return pushNews({ "arrived" }, id, record, seenEvent)
end

append(id, record, entries)
consume(id, consumed)
local wake = math.min(tonumber(wakeAt) or math.huge, wakeInMs ~= "" and now + wakeInMs or math.huge)
if wake < math.huge then
  redis.call("ZADD", timersKey, wake, id)
end
redis.call("ZREM", leasesKey, id)
moveTo(id, record, "waiting", "commit", commit, "committedAt", stamp,
  "wakeAt", wake < math.huge and wake or "", "awaits", awaits, "worker", "", "claimNonce", "")
return admit({ "suspended", now })
