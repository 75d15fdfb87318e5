--- Ends a pause, or takes one back that has not settled. A start that was still to come is put off by
--- as long as the pause took; waits inside the run are shifted by who replays the history (I5).
--- @keys tag
--- @args id
--- @returns { "done", request* } | { "missing" }
--- @include keys clock record history place runnable control line line-entry
local record = readRecord(id, "fence", "worker", "createdAt", "startedAt", "priority", "pausedAt", "delayedUntil")
if not record.status then
  return { "missing" }
elseif record.status == "waitingForPause" then
  moveTo(id, record, "running")
  tellWorker(id, record, "news")
  return { "done" }
elseif record.status ~= "paused" then
  return { "done" }
end

local pausedMs = now - record.pausedAt
append(id, record, { '{"type":"workflow_resumed","pausedMs":' .. pausedMs .. "}" })
local delayedUntil = tonumber(record.delayedUntil or 0)
if delayedUntil > tonumber(record.pausedAt) then
  redis.call("ZADD", timersKey, delayedUntil + pausedMs, id)
  moveTo(id, record, "queued", "delayedUntil", delayedUntil + pausedMs)
  return { "done" }
end
local line = lineOf(id)
if line and not reenterLine(id, line) then
  moveTo(id, record, "queued")
  return { "done" }
end
return makeRunnable({ "done" }, id, record)
