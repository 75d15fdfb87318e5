--- Compares what somebody knows of an instance with what there is, which after a failover may be less.
--- Puts back what was lost, or else flags the instance, so that nothing is repeated silently.
--- @keys tag
--- @args id fence unused createdAt ageMs lastEvent lastEventAt known consumers[] consumed[] keepers[] streams[] sizes[] held[]
--- @returns { "kept" } | { "reasserted", restored, request* } | { "flagged", lost, status, request* } | { "missing" }
--- @include keys clock record history ids place runnable sequence control pause admit deleted renumber retake watch line keep rollback
local record = readRecord(id, "fence", "createdAt", "baseline", "flag", "worker", "startedAt", "priority", "eventSeq", "lastId")
local status = record.status

if not status or (createdAt ~= "" and record.createdAt ~= createdAt) then
  -- This write is refused by a replica, which may just not have got the instance yet.
  forgetDeleted()
  return { mayBeDeleted(id, createdAt, fence, ageMs) and "kept" or "missing" }
elseif record.baseline and tonumber(record.baseline) > tonumber(fence) then
  -- Restarted or flagged since: what was known before is no measure any more.
  local flaggedFence, lost = string.match(record.flag or "", "^(%d+) (%d+)$")
  if flaggedFence == fence then
    return { "flagged", lost, status }
  end
  return { "kept" }
end

-- Entry n of the history is at n in the list, after the params.
local length = redis.call("LLEN", historyKey(id)) - 1 - (hasResult(status) and 1 or 0)
local first = known - #held + 1
local stored = redis.call("LRANGE", historyKey(id), first, math.min(known, length))
local same = 0
while same < #stored and stored[same + 1] == held[same + 1] do
  same = same + 1
end
local agreed = first - 1 + same -- so many entries are not in doubt, if there are as many
if length >= tonumber(known) and agreed == tonumber(known) then
  if record.fence == fence then
    renumberEvents(id, record, tonumber(lastEvent), tonumber(lastEventAt))
  end
  return { "kept" }
end

-- Whoever claimed it since what the caller knows may begin steps until his lease runs out or he hears
-- that it is over. Who gets the instance before that could end steps that he begins after it (I1).
local leaseEnd = tonumber(redis.call("ZSCORE", leasesKey, id) or 0)
local isForeign = tonumber(record.fence or 0) > tonumber(fence) and record.fence ~= unused
local delayedUntil = isForeign and leaseEnd >= now and leaseEnd + 1

-- What comes before the first entry held is taken on trust, once that entry is found to agree.
local isRestorable = agreed == length and (same > 0 or first == 1)
if FINISHED[status] or not isRestorable then
  local lost = known - math.min(agreed, length)
  if FINISHED[status] then
    return { "flagged", lost, status }
  end
  takeIds(id, record, known + 1)
  append(id, record, { '{"type":"history_lost","known":' .. known .. ',"lost":' .. lost .. "}" })
  tellWorker(id, record, "revoked")
  if delayedUntil then
    redis.call("HSET", instanceKey(id), "delayedUntil", delayedUntil)
  end
  local number = drawNumber()
  redis.call("HSET", instanceKey(id), "fence", number, "commit", 0, "baseline", number, "flag", fence .. " " .. lost)
  local reply = { "flagged", lost, "paused" }
  return status == "paused" and reply or settleAsPaused(reply, id, record)
end

push(id, held, same + 1)
retakeIds(id, record, held, same + 1)
if record.startedAt then
  tellWatchers(id, record)
else
  noteStart(id, record, length)
end
local retaken = {}
for i = 1, #consumers do
  if tonumber(consumers[i]) > same then
    retaken[#retaken + 1] = consumed[i]
  end
end
retakeEvents(id, retaken)
for i = 1, #keepers do
  if tonumber(keepers[i]) > same then
    keepStreams(id, { streams[i] }, { sizes[i] })
  end
end
tellWorker(id, record, "revoked")
local line = lineOf(id)
if line then
  -- It has run, so whatever kept it back was over.
  exitLine(id, line)
  redis.call("ZADD", activeKey(line), string.match(id, "%d+$"), id)
end
redis.call("HDEL", instanceKey(id), "delayedUntil", "pausedAt")
-- An orphan, in that nobody has waited here for what was put back to be safe.
redis.call("HSET", instanceKey(id), "fence", drawNumber(), "commit", 0, "startedAt", record.startedAt or stamp, "orphan", "adopted")
local reply = { "reasserted", #held - same }
if beginsRollback(held, same + 1) then
  moveTo(id, record, "rollingBack", "rollback", "begun")
  record.status, status = "rollingBack", "rollingBack"
end
if status == "waitingForPause" then
  return settleAsPaused(reply, id, record)
end
if delayedUntil then
  leavePlaces(id)
  putOff(id, record, delayedUntil)
  return admit(reply)
end
local hasSlot = redis.call("ZSCORE", pendingKey, id) or redis.call("ZSCORE", leasesKey, id)
leavePlaces(id)
record.startedAt = record.startedAt or stamp
return makeRunnable(reply, id, record, hasSlot)
