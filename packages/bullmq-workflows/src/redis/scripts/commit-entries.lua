--- Appends what an activation settled, and answers with news. Without entries it only looks.
--- @keys tag
--- @args id fence commit after seenEvent consumed[] entries[]
--- @returns { "committed", at, isPauseRequested, lastEvent, (seq, event)* } | { "stale" }
--- @include keys clock record fence history news
local record = readRecord(id, "fence", "commit", "committedAt", "eventSeq")
local judged = judge(record, fence, commit, after)
if judged == "stale" then
  return { "stale" }
elseif judged == "repeat" then
  return pushNews({ "committed", record.committedAt }, id, record, seenEvent)
end

if #entries > 0 or #consumed > 0 then
  append(id, record, entries)
  consume(id, consumed)
  redis.call("HSET", instanceKey(id), "commit", commit, "committedAt", stamp)
end
return pushNews({ "committed", now }, id, record, seenEvent)
