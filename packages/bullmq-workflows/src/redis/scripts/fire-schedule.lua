--- Creates the instances of a schedule's times, each once for all who fire it, and notes up to when it
--- has fired. The store's clock decides what is due.
--- @keys tag
--- @args digest key cron overlap times[] horizon params labels[] priority successMs errorMs
--- @returns { "fired", now, firedUntil, createdCount, skippedCount, request* } | { "changed" }
--- @include keys clock record slots runnable newborn line line-entry labels
local MAX_RELEASED = 1000 -- at once, so that Redis is not blocked for long; others follow at the next firing

local known = redis.call("HMGET", schedulesKey, "digest", "f:" .. key)
if known[1] ~= digest or not known[2] then
  return { "changed" }
end

local firedUntil = tonumber(known[2])
local reply = { "fired", now, 0, 0, 0 }

local function start(id, time)
  local isHeld = not enterLine(id, key, time, overlap == "queue")
  local wakeUp = isHeld and 0 or enqueue(reply, id, tonumber(priority))
  recordNew(id, params, "wakeUp", wakeUp, "priority", priority, "successMs", successMs,
    "errorMs", errorMs, "nonce", "cron:", "schedule", key, "overlap", overlap)
  if labels[1] then
    redis.call("HSET", instanceKey(id), "labels", table.concat(labels, "\n"))
    addLabels(id, labels)
  end
  reply[4] = reply[4] + 1
end

if overlap == "allow" then
  -- Nobody waits for anybody any more, and with firings that overlap the line may never be empty (I3).
  releaseHeld(reply, key, MAX_RELEASED)
else
  healLine(key)
  advanceLine(reply, key)
end
for i = 1, #times do
  local time = tonumber(times[i])
  local id = cron .. "-" .. times[i]
  local record = readRecord(id, "wakeUp", "startedAt", "priority")
  if time > now then
    break
  elseif record.status then
    -- Somebody has fired it, and may have died before it could ask for it to be run.
    if redis.call("ZSCORE", pendingKey, id) then
      pushRequest(reply, id, record.wakeUp, rankOf(record))
    end
  elseif time <= firedUntil then
    -- It was deleted since, or left out.
  elseif overlap == "skip" and redis.call("ZCARD", activeKey(key)) > 0 then
    reply[5] = reply[5] + 1
  else
    start(id, time)
  end
  firedUntil = math.max(firedUntil, time)
end

firedUntil = math.max(firedUntil, math.min(tonumber(horizon), now))
redis.call("HSET", schedulesKey, "f:" .. key, string.format("%.0f", firedUntil))
reply[3] = firedUntil
return reply
