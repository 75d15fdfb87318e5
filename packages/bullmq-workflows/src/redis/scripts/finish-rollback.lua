--- Ends an instance that rolled back: its status, maybe its error, how the rollback ended, its retention
--- and the release of its slot appear together (I9).
--- @keys tag
--- @args id fence commit after status result[] ending[] entries[]
--- @returns { "finished", at, request* } | { "stale" }
--- @include keys clock record fence history place admit control line
local record = readRecord(id, "fence", "commit", "createdAt", "errorMs", "endedAt")
local judged = judgeEnding(record, fence, commit, after)
if judged == "stale" then
  return { "stale" }
elseif judged == "repeat" then
  return { "finished", record.endedAt }
end

entries[#entries + 1] = ending[1]
entries[#entries + 1] = '{"type":"workflow_' .. status .. '"}'
append(id, record, entries, result[1])
redis.call("DEL", eventsKey(id))
redis.call("ZREM", leasesKey, id)
redis.call("ZADD", expiryKey, now + record.errorMs, id)
moveTo(id, record, status, "endedAt", stamp, "commit", commit, "committedAt", stamp,
  "rollback", ending[1] and "ended" or "begun", "worker", "", "claimNonce", "")
announceEnd(id)
local line = lineOf(id)
exitLine(id, line)
return advanceLine(admit({ "finished", now }), line)
