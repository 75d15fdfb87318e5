--- Gives an instance back unfinished. It keeps its slot and is runnable at once; if a pause was asked
--- for, it is paused instead, because nothing runs any more.
--- @keys tag
--- @args id fence commit after consumed[] entries[]
--- @returns { "released", at, request* } | { "stale" }
--- @include keys clock record fence history runnable pause
local record = readRecord(id, "fence", "commit", "committedAt", "createdAt", "startedAt", "priority")
local judged = judgeEnding(record, fence, commit, after)
if judged == "stale" then
  return { "stale" }
elseif judged == "repeat" then
  return { "released", record.committedAt }
end

append(id, record, entries)
consume(id, consumed)
if record.status == "waitingForPause" then
  return settleAsPaused({ "released", now }, id, record, "commit", commit, "committedAt", stamp)
end
redis.call("HSET", instanceKey(id), "commit", commit, "committedAt", stamp)
redis.call("ZREM", leasesKey, id)
return makeRunnable({ "released", now }, id, record, true)
