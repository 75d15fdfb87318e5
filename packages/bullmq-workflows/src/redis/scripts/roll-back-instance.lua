--- Has an instance terminated once its steps are rolled back, by whoever runs it next; one that never ran
--- has none, unless a restart has kept some. The new fence makes a running activation stale.
--- @keys tag
--- @args id
--- @returns { "done", request* } | { "refused", status } | { "missing" }
--- @include keys clock record history place runnable admit control sequence terminate line

--- Of those that have not started, only what a restart has kept begins with an entry about a step, or ahead of one.
local function hasSteps(id)
  local first = redis.call("LINDEX", historyKey(id), 1)
  return first and not string.find(first, '^%d+{"type":"workflow_') and not string.find(first, '^%d+{"type":"history_lost"')
end

local record = readRecord(id, "fence", "worker", "createdAt", "startedAt", "priority", "errorMs", "pausedAt", "delayedUntil", "rollback")
if not record.status then
  return { "missing" }
elseif FINISHED[record.status] then
  return { "refused", record.status }
elseif record.status == "rollingBack" then
  return { "done" }
elseif not record.startedAt and not hasSteps(id) then
  return terminate(id, record)
end

tellWorker(id, record, "revoked")
local hasSlot = redis.call("ZSCORE", pendingKey, id) or redis.call("ZSCORE", leasesKey, id)
leavePlaces(id)
if not record.rollback then
  append(id, record, { '{"type":"rollback_requested"}' })
elseif record.pausedAt then
  -- It was flagged while it rolled back: this resumes it, and its timers are shifted by the pause (I5).
  local pausedMs = now - record.pausedAt
  append(id, record, { '{"type":"workflow_resumed","pausedMs":' .. pausedMs .. "}" })
  record.delayedUntil = record.delayedUntil and record.delayedUntil + pausedMs
end
redis.call("HDEL", instanceKey(id), "pausedAt")
local line = lineOf(id)
if line then
  -- Whatever keeps back what is new does not keep back undoing.
  exitLine(id, line)
  redis.call("ZADD", activeKey(line), string.match(id, "%d+$"), id)
end
moveTo(id, record, "rollingBack", "rollback", "begun", "fence", drawNumber())
record.status = "rollingBack"
-- Whoever claimed what was put back after a loss may still begin steps.
if record.delayedUntil and tonumber(record.delayedUntil) > now then
  putOff(id, record, record.delayedUntil)
  return admit({ "done" })
end
return makeRunnable({ "done" }, id, record, hasSlot)
