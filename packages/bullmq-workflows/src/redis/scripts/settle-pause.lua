--- Turns `waitingForPause` into `paused`, unless the pause was taken back: then it commits.
--- @keys tag
--- @args id fence commit after seenEvent consumed[] entries[]
--- @returns { "paused", at, request* } | { "resumed", at, isPauseRequested, lastEvent, (seq, event)* } | { "stale" }
--- @include keys clock record fence history news pause
local record = readRecord(id, "fence", "commit", "committedAt", "eventSeq", "createdAt")
local judged = judge(record, fence, commit, after)
if judged == "stale" or (judged == "repeat" and not isLeased(record) and record.commit ~= commit) then
  return { "stale" }
elseif judged == "repeat" and not isLeased(record) then
  return { "paused", record.committedAt }
elseif judged == "repeat" then
  return pushNews({ "resumed", record.committedAt }, id, record, seenEvent)
end

append(id, record, entries)
consume(id, consumed)
if record.status == "waitingForPause" then
  return settleAsPaused({ "paused", now }, id, record, "commit", commit, "committedAt", stamp)
end
redis.call("HSET", instanceKey(id), "commit", commit, "committedAt", stamp)
return pushNews({ "resumed", now }, id, record, seenEvent)
