--- Ends an instance: its result, status, retention and the release of its slot appear together (I9).
--- @keys tag
--- @args id fence commit after status result entries[]
--- @returns { "finished", at, request* } | { "stale" }
--- @include keys clock record fence history place admit control line
local record = readRecord(id, "fence", "commit", "createdAt", "successMs", "errorMs", "eventSeq", "endedAt")
local judged = judgeEnding(record, fence, commit, after)
if judged == "stale" then
  return { "stale" }
elseif judged == "repeat" then
  return { "finished", record.endedAt }
end

local isComplete = status == "complete"
entries[#entries + 1] = isComplete and '{"type":"workflow_completed"}' or '{"type":"workflow_errored"}'
append(id, record, entries, result)
if record.eventSeq then
  redis.call("DEL", eventsKey(id))
end
redis.call("ZREM", leasesKey, id)
redis.call("ZADD", expiryKey, now + (isComplete and record.successMs or record.errorMs), id)
moveTo(id, record, status, "endedAt", stamp, "commit", commit,
  "worker", "", "claimNonce", "")
announceResult(id, fence, status, result)
local line = lineOf(id)
exitLine(id, line)
return advanceLine(admit({ "finished", now }), line)
