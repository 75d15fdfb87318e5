--- Takes instances back whose lease ran out. They keep their slot and are runnable at once; one that
--- was asked to pause is paused, because nothing runs any more.
--- @keys tag
--- @args limit
--- @returns { "adopted", request* }
--- @include keys clock record runnable pause control
local reply = { "adopted" }
local orphans = redis.call("ZRANGEBYSCORE", leasesKey, "-inf", "(" .. now, "LIMIT", 0, limit)
for i = 1, #orphans do
  local id = orphans[i]
  local record = readFields(id, "format", "status", "fence", "worker", "createdAt", "startedAt", "priority")
  if record.format then
    parseFormat(record)
  end
  tellWorker(id, record, "revoked")
  redis.call("ZREM", leasesKey, id)
  if record.status == "running" or record.status == "rollingBack" then
    redis.call("HSET", instanceKey(id), "orphan", "adopted")
    makeRunnable(reply, id, record, true)
  elseif record.status == "waitingForPause" then
    redis.call("HSET", instanceKey(id), "orphan", "adopted")
    settleAsPaused(reply, id, record)
  end
end
return reply
