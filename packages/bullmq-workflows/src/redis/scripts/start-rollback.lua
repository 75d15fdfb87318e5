--- Appends what an activation settled; from then on the instance can only roll back. A pause that was
--- asked for is not to be any more.
--- @keys tag
--- @args id fence commit after seenEvent consumed[] entries[]
--- @returns { "committed", at, isPauseRequested, lastEvent, (seq, event)* } | { "stale" }
--- @include keys clock record fence history news place
local record = readRecord(id, "fence", "commit", "committedAt", "eventSeq", "createdAt")
local judged = judge(record, fence, commit, after)
if judged == "stale" then
  return { "stale" }
elseif judged == "repeat" then
  return pushNews({ "committed", record.committedAt }, id, record, seenEvent)
end

append(id, record, entries)
consume(id, consumed)
moveTo(id, record, "rollingBack", "rollback", "begun", "commit", commit, "committedAt", stamp)
record.status = "rollingBack"
return pushNews({ "committed", now }, id, record, seenEvent)
