--- Claims an instance for one activation, unless there is nothing to do for it. The new fence makes
--- every earlier activation's writes stale.
--- @keys tag
--- @args id worker leaseMs nonce heldFence heldEntries early
--- @returns { "claimed", fence, now, createdAt, isContinuation, isAfterCrash, lastEvent, params and entries, events } | { "refused", reason }
--- @include keys clock record slots place runnable sequence control pause watch answer
local record = readRecord(id, "fence", "claimNonce", "worker", "createdAt", "startedAt", "priority", "eventSeq", "orphan")
local status = record.status

local function readList(isContinuation)
  local key = historyKey(id)
  local list = redis.call("LRANGE", key, isContinuation and heldEntries or 0, -1)
  if isContinuation then
    -- What comes before the first new entry: the last one held, or the params already.
    list[1] = redis.call("LINDEX", key, 0)
  end
  return weighAll(list)
end

local function claimed(fence, list, isContinuation, isAfterCrash)
  return { "claimed", fence, now, record.createdAt, isContinuation and 1 or 0, isAfterCrash and 1 or 0,
    record.eventSeq or 0, list,
    record.eventSeq and redis.call("HGETALL", eventsKey(id)) or {} }
end

local isAfterCrash = record.orphan == "adopted"
if not status then
  return { "refused", "missing" }
elseif FINISHED[status] then
  return { "refused", "finished" }
elseif status == "paused" then
  return { "refused", "paused" }
elseif status == "queued" then
  if redis.call("ZREM", pendingKey, id) == 0 then
    return { "refused", redis.call("ZSCORE", backlogKey, id) and "limited" or "waiting" }
  end
elseif status == "waiting" then
  if early ~= "1" then
    return { "refused", "waiting" }
  end
  redis.call("ZREM", timersKey, id)
  if freeSlots() <= 0 then
    -- It gets the next slot: rank 0 goes ahead of all that never ran.
    makeRunnable({}, id, record)
    return { "refused", "limited" }
  end
elseif status == "rollingBack" and redis.call("ZSCORE", timersKey, id) then
  return { "refused", "waiting" }
elseif status == "rollingBack" and redis.call("ZSCORE", backlogKey, id) then
  return { "refused", "limited" }
elseif status ~= "rollingBack" or redis.call("ZREM", pendingKey, id) == 0 then
  -- A lease holds up to and including its last instant.
  local leaseEnd = redis.call("ZSCORE", leasesKey, id)
  local isLive = leaseEnd and tonumber(leaseEnd) >= now
  if isLive and record.claimNonce == nonce then
    redis.call("ZADD", leasesKey, now + leaseMs, id)
    return claimed(record.fence, readList(false), false, record.orphan == "claimed")
  elseif isLive then
    return { "refused", "leased" }
  end
  -- Whose lease ran out may be alive after all, and is better told.
  tellWorker(id, record, "revoked")
  if status == "waitingForPause" then
    redis.call("HSET", instanceKey(id), "orphan", "adopted")
    settleAsPaused({}, id, record)
    return { "refused", "paused" }
  end
  isAfterCrash = true
end

-- The next claim after this one is told no more, unless this one's lease runs out as well.
if isAfterCrash then
  redis.call("HSET", instanceKey(id), "orphan", "claimed")
elseif record.orphan then
  redis.call("HDEL", instanceKey(id), "orphan")
end
local isContinuation = record.fence == heldFence
  and redis.call("LLEN", historyKey(id)) > tonumber(heldEntries)
local fence = drawNumber()
redis.call("ZADD", leasesKey, now + leaseMs, id)
moveTo(id, record, underWay(record, "running"), "fence", fence, "commit", 0, "worker", worker, "claimNonce", nonce,
  "startedAt", record.startedAt or stamp)
local list = readList(isContinuation)
if not record.startedAt then
  noteStart(id, record, #list - 1)
end
return claimed(fence, list, isContinuation, isAfterCrash)
