// Generated from scripts/*.lua by `npm run generate`. Do not edit.

import type { Script, ScriptValue } from "./script.ts";

export interface AdoptJobArgs {
  readonly holder: ScriptValue;
  readonly leaseMs: ScriptValue;
}

export const adoptJob: Script<AdoptJobArgs> = {
  name: "adopt-job",
  sha1: "4a663be0c2eb05a48dc1f09ad2a4fb6ae8602290",
  encode: (args) => [args.holder, args.leaseMs],
  lua: `local tag = KEYS[1]
local jobsKey = tag .. ":jobs"
local materialsKey = tag .. ":materials"
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function readJob(job)
  local text = redis.call("HGET", jobsKey, job)
  local heldUntil, holder, detail = string.match(text or "", "^(%d+) (%S+) (.*)\$")
  return text and { heldUntil = tonumber(heldUntil), holder = holder, detail = detail }
end
local function holdJob(job, holder, leaseMs, detail)
  redis.call("HSET", jobsKey, job, (now + leaseMs) .. " " .. holder .. " " .. detail)
end
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local holder = item[1]
local leaseMs = item[2]
local jobs = redis.call("HGETALL", jobsKey)
for i = 1, #jobs, 2 do
  local known = readJob(jobs[i])
  if known.heldUntil < now then
    holdJob(jobs[i], holder, leaseMs, known.detail)
    return { "adopted", jobs[i], known.detail, redis.call("HGET", materialsKey, jobs[i]) }
  end
end
return { "none" }
end
return runBatch(run)
`,
};


export interface AdoptOrphansArgs {
  readonly limit: ScriptValue;
}

export const adoptOrphans: Script<AdoptOrphansArgs> = {
  name: "adopt-orphans",
  sha1: "451fc545829cbf8bd03ddb7ba5be2d53d07cb962",
  encode: (args) => [args.limit],
  lua: `local tag = KEYS[1]
local function instanceKey(id) return tag .. ":i:" .. id end
local function historyKey(id) return tag .. ":h:" .. id end
local sequenceKey = tag .. ":sequence"
local positionKey = tag .. ":position"
local settingsKey = tag .. ":settings"
local pendingKey = tag .. ":pending"
local backlogKey = tag .. ":backlog"
local leasesKey = tag .. ":leases"
local timersKey = tag .. ":timers"
local outboxKey = tag .. ":outbox"
local expiryKey = tag .. ":expiry"
local function heldKey(schedule) return tag .. ":held:" .. schedule end
local function statusKey(status) return tag .. ":status:" .. status end
local feedChannel = tag .. ":feed"
local function historyChannel(id) return tag .. ":history:" .. id end
local function workerChannel(workerId) return tag .. ":worker:" .. workerId end
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = now .. ""
local SUPPORTED_FORMAT = "1"
local function readFields(id, ...)
  local names = { ... }
  local values = redis.call("HMGET", instanceKey(id), ...)
  local record = { id = id }
  for i = 1, #names do
    record[names[i]] = values[i]
  end
  return record
end
local function parseFormat(record)
  local number, watchedUntil = string.match(record.format, "^(%d+) ?(%d*)\$")
  record.watchedUntil = tonumber(watchedUntil)
  return number or record.format
end
local slotLimit, feedUntil, outboxStatuses
local function readMark(mark)
  local watchedUntil, statuses = string.match(mark or "", "^(%d*) ?(.*)\$")
  feedUntil, outboxStatuses = tonumber(watchedUntil) or 0, statuses
end
local function readSettings()
  local fields = redis.call("HMGET", settingsKey, "concurrencyLimit", "mark")
  slotLimit = tonumber(fields[1] or 0)
  readMark(fields[2])
end
local function freeSlots()
  if not slotLimit then
    readSettings()
  end
  if slotLimit == 0 then
    return math.huge
  end
  return slotLimit - redis.call("ZCARD", pendingKey) - redis.call("ZCARD", leasesKey)
end
local function rankOf(record)
  return record.startedAt and 0 or tonumber(record.priority)
end
local function pushRequest(reply, id, wakeUp, rank)
  local length = #reply
  reply[length + 1], reply[length + 2], reply[length + 3] = id, wakeUp, rank
end
local OUTBOX_LIMIT = 1000000
local function dropOldest()
  local count = redis.call("XTRIM", outboxKey, "MAXLEN", "~", OUTBOX_LIMIT)
  if count > 0 then
    local before = string.match(redis.call("HGET", settingsKey, "outboxLost") or "0", "^%d+")
    redis.call("HSET", settingsKey, "outboxLost", (tonumber(before) + count) .. " " .. stamp)
  end
end
local function tellStatus(id, status)
  if not feedUntil then
    readSettings()
  end
  if feedUntil >= now then
    redis.call("PUBLISH", feedChannel, status .. " " .. stamp .. " " .. id)
  end
  if outboxStatuses ~= "" and string.find(outboxStatuses, "," .. status .. ",", 1, true) then
    redis.call("XADD", outboxKey, "*", "change", status .. " " .. stamp .. " " .. id)
    if redis.call("XLEN", outboxKey) > OUTBOX_LIMIT then
      dropOldest()
    end
  end
end
local function moveTo(id, record, status, ...)
  if record.status ~= status then
    redis.call("ZREM", statusKey(record.status), id)
    redis.call("ZADD", statusKey(status), record.createdAt, id)
    tellStatus(id, status)
  end
  redis.call("HSET", instanceKey(id), "status", status, ...)
end
local function underWay(record, where)
  return record.status == "rollingBack" and record.status or where
end
local function leavePlaces(id)
  redis.call("ZREM", pendingKey, id)
  redis.call("ZREM", backlogKey, id)
  redis.call("ZREM", leasesKey, id)
  redis.call("ZREM", timersKey, id)
  redis.call("ZREM", expiryKey, id)
end
local items = cmsgpack.unpack(ARGV[1])
local lastDrawn, lastReserved = 0, 0
local function reserveNumbers()
  local drawn, mark = string.match(redis.call("GET", sequenceKey) or "0", "^(%d+)(.*)\$")
  readMark(string.sub(mark, 2))
  local last = math.max(lastDrawn, tonumber(drawn))
  local first = math.max(last + 1, time[1] * 1000000 + time[2])
  redis.call("SET", sequenceKey, string.format("%.0f", first + #items - 1) .. mark)
  lastDrawn, lastReserved = first - 1, first + #items - 1
end
local function drawNumber()
  if lastDrawn == lastReserved then
    reserveNumbers()
  end
  lastDrawn = lastDrawn + 1
  return lastDrawn
end
local function enqueue(reply, id, rank, hasSlot)
  local wakeUp = drawNumber()
  if hasSlot or freeSlots() > 0 then
    redis.call("ZADD", pendingKey, stamp, id)
    pushRequest(reply, id, wakeUp, rank)
  else
    -- Rank first, then first come: 21 bits and 32 bits fill the 53 of a score.
    local position = redis.call("INCR", positionKey) % 4294967296
    redis.call("ZADD", backlogKey, rank * 4294967296 + position, id)
  end
  return wakeUp
end
local function makeRunnable(reply, id, record, hasSlot)
  local wakeUp = enqueue(reply, id, rankOf(record), hasSlot)
  moveTo(id, record, underWay(record, "queued"), "wakeUp", wakeUp, "worker", "", "claimNonce", "")
  return reply
end
local function tellWatchers(id, record)
  local watchedUntil = record.watchedUntil
  if watchedUntil and watchedUntil >= now then
    redis.call("PUBLISH", historyChannel(id), "changed")
  elseif watchedUntil then
    redis.call("HSET", instanceKey(id), "format", SUPPORTED_FORMAT)
  end
end
local MAX_PUSHED = 1000
local function push(id, items, from)
  local key = historyKey(id)
  for first = from, #items, MAX_PUSHED do
    redis.call("RPUSH", key, unpack(items, first, math.min(first + MAX_PUSHED - 1, #items)))
  end
end
local function append(id, record, entries, result)
  for i = 1, #entries do
    entries[i] = stamp .. entries[i]
  end
  entries[#entries + 1] = result
  push(id, entries, 1)
  if record.watchedUntil and #entries > 0 then
    tellWatchers(id, record)
  end
end
local MAX_ADMITTED = 1000
local function admitUpTo(reply, count)
  local admitted = redis.call("ZPOPMIN", backlogKey, math.min(count, MAX_ADMITTED))
  for i = 1, #admitted, 2 do
    local id = admitted[i]
    local record = readFields(id, "wakeUp", "startedAt", "priority")
    if record.wakeUp then
      redis.call("ZADD", pendingKey, stamp, id)
      pushRequest(reply, id, record.wakeUp, rankOf(record))
    end
  end
end
local function admit(reply)
  local free = freeSlots()
  if free > 0 and free < math.huge then
    admitUpTo(reply, free)
  end
  return reply
end
local function lineOf(id)
  return string.find(id, " ", 1, true) and redis.call("HGET", instanceKey(id), "schedule")
end
local function settleAsPaused(reply, id, record, ...)
  leavePlaces(id)
  if record.status == "queued" and lineOf(id) then
    -- One that is held leaves the line; one that is active blocks it.
    redis.call("ZREM", heldKey(lineOf(id)), id)
  end
  append(id, record, { '{"type":"workflow_paused"}' })
  moveTo(id, record, "paused", "pausedAt", stamp, "worker", "", "claimNonce", "", ...)
  return admit(reply)
end
local function isLeased(record)
  return record.status == "running" or record.status == "waitingForPause"
    -- One that rolls back is that in line and while it waits, too.
    or (record.status == "rollingBack" and redis.call("ZSCORE", leasesKey, record.id))
end
local function tellWorker(id, record, what)
  if isLeased(record) then
    redis.call("PUBLISH", workerChannel(record.worker), what .. " " .. record.fence .. " " .. id)
  end
end
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local limit = item[1]
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
end
return runBatch(run)
`,
};


export interface AnnounceWorkflowArgs {
  readonly name: ScriptValue;
  readonly settings: ScriptValue;
  readonly id: ScriptValue;
  readonly versionId: ScriptValue;
  readonly renews: ScriptValue;
}

export const announceWorkflow: Script<AnnounceWorkflowArgs> = {
  name: "announce-workflow",
  sha1: "539ade43281b2bf3f0f74c0fbc252262f5705acd",
  encode: (args) => [args.name, args.settings, args.id, args.versionId, args.renews],
  lua: `local tag = KEYS[1]
local workflowsKey = tag .. ":workflows"
local forgottenKey = tag .. ":forgotten"
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = now .. ""
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local name = item[1]
local settings = item[2]
local id = item[3]
local versionId = item[4]
local renews = item[5]
local known = redis.call("HGET", workflowsKey, name)
local createdAt, modifiedAt, knownId, knownVersion, knownSettings =
  string.match(known or "", "^(%d+) (%d+) (%S+) (%S+) (.*)\$")
local isKept = renews == "never" or (renews == "changed" and knownSettings == settings)
if known and isKept then
  return { "known", createdAt, modifiedAt, knownId, knownVersion, knownSettings }
end
local record = { createdAt or stamp, stamp, knownId or id, versionId, settings }
redis.call("HSET", workflowsKey, name, table.concat(record, " "))
redis.call("ZREM", forgottenKey, name)
table.insert(record, 1, "known")
return record
end
return runBatch(run)
`,
};


export interface AppearWorkerArgs {
  readonly worker: ScriptValue;
  readonly text: ScriptValue;
  readonly ttlMs: ScriptValue;
}

export const appearWorker: Script<AppearWorkerArgs> = {
  name: "appear-worker",
  sha1: "353735cbd388aa9c0a6888c72d3ee51c4ddc7c82",
  encode: (args) => [args.worker, args.text, args.ttlMs],
  lua: `local tag = KEYS[1]
local workersKey = tag .. ":workers"
local function presenceKey(worker) return tag .. ":presence:" .. worker end
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = now .. ""
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local worker = item[1]
local text = item[2]
local ttlMs = item[3]
-- A Redis without memory refuses a SET, unless its script has written before.
redis.call("ZREMRANGEBYSCORE", workersKey, "-inf", "(" .. stamp)
redis.call("ZADD", workersKey, now + ttlMs, worker)
redis.call("SET", presenceKey(worker), stamp .. " " .. text, "PX", ttlMs)
return { "known" }
end
return runBatch(run)
`,
};


export interface AppendAuditArgs {
  readonly text: ScriptValue;
  readonly keep: ScriptValue;
}

export const appendAudit: Script<AppendAuditArgs> = {
  name: "append-audit",
  sha1: "ad1b4bdaa52c800e8fd19d773a3f3a64c81bb947",
  encode: (args) => [args.text, args.keep],
  lua: `local tag = KEYS[1]
local auditKey = tag .. ":audit"
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local text = item[1]
local keep = item[2]
return { "appended", redis.call("XADD", auditKey, "MAXLEN", "~", keep, "*", "entry", text) }
end
return runBatch(run)
`,
};


export interface BeginJobArgs {
  readonly job: ScriptValue;
  readonly holder: ScriptValue;
  readonly leaseMs: ScriptValue;
  readonly detail: ScriptValue;
  readonly material: readonly ScriptValue[];
  readonly prefix: ScriptValue;
  readonly limit: ScriptValue;
}

export const beginJob: Script<BeginJobArgs> = {
  name: "begin-job",
  sha1: "b58d7e33d4c848e0c4fb3a60e0ba2e1b2ad56932",
  encode: (args) => [args.job, args.holder, args.leaseMs, args.detail, args.material, args.prefix, args.limit],
  lua: `local tag = KEYS[1]
local jobsKey = tag .. ":jobs"
local materialsKey = tag .. ":materials"
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function readJob(job)
  local text = redis.call("HGET", jobsKey, job)
  local heldUntil, holder, detail = string.match(text or "", "^(%d+) (%S+) (.*)\$")
  return text and { heldUntil = tonumber(heldUntil), holder = holder, detail = detail }
end
local function holdJob(job, holder, leaseMs, detail)
  redis.call("HSET", jobsKey, job, (now + leaseMs) .. " " .. holder .. " " .. detail)
end
local function countJobs(prefix)
  local count, jobs = 0, redis.call("HKEYS", jobsKey)
  for i = 1, #jobs do
    count = count + (string.sub(jobs[i], 1, #prefix) == prefix and 1 or 0)
  end
  return count
end
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local job = item[1]
local holder = item[2]
local leaseMs = item[3]
local detail = item[4]
local material = item[5]
local prefix = item[6]
local limit = item[7]
if readJob(job) then
  return { "running" }
elseif limit ~= "" and countJobs(prefix) >= tonumber(limit) then
  return { "full" }
end
holdJob(job, holder, leaseMs, detail)
if material[1] then
  redis.call("HSET", materialsKey, job, material[1])
end
return { "begun" }
end
return runBatch(run)
`,
};


export interface CancelJobArgs {
  readonly job: ScriptValue;
  readonly workflow: ScriptValue;
  readonly id: ScriptValue;
}

export const cancelJob: Script<CancelJobArgs> = {
  name: "cancel-job",
  sha1: "c98df01397392f7f67ea61e3a7749497a31309ca",
  encode: (args) => [args.job, args.workflow, args.id],
  lua: `local tag = KEYS[1]
local jobsKey = tag .. ":jobs"
local materialsKey = tag .. ":materials"
local function reportsKey(workflow) return tag .. ":reports:" .. workflow end
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = now .. ""
local function readJob(job)
  local text = redis.call("HGET", jobsKey, job)
  local heldUntil, holder, detail = string.match(text or "", "^(%d+) (%S+) (.*)\$")
  return text and { heldUntil = tonumber(heldUntil), holder = holder, detail = detail }
end
local function endJob(job)
  redis.call("HDEL", jobsKey, job)
  redis.call("HDEL", materialsKey, job)
end
local MAX_REPORTS, REPORT_MS = 100, 604800000
local function keepReport(workflow, id, state, detail)
  local key = reportsKey(workflow)
  redis.call("HSET", key, id, state .. " " .. stamp .. " " .. detail)
  redis.call("PEXPIRE", key, REPORT_MS)
  local ids = redis.call("HKEYS", key)
  table.sort(ids)
  for i = 1, #ids - MAX_REPORTS do
    redis.call("HDEL", key, ids[i])
  end
end
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local job = item[1]
local workflow = item[2]
local id = item[3]
local known = readJob(job)
if not known then
  return { "missing" }
end
endJob(job)
if id ~= "" then
  keepReport(workflow, id, "cancelled", known.detail)
end
return { "cancelled" }
end
return runBatch(run)
`,
};


export interface CheckStreamsArgs {
  readonly id: ScriptValue;
  readonly streams: readonly ScriptValue[];
  readonly sizes: readonly ScriptValue[];
}

export const checkStreams: Script<CheckStreamsArgs> = {
  name: "check-streams",
  sha1: "d23e4fee4a1879005df2958afa82e6cde917b23b",
  encode: (args) => [args.id, args.streams, args.sizes],
  lua: `local tag = KEYS[1]
local function streamsKey(id) return tag .. ":s:" .. id end
local function areThere(id, streams, sizes)
  for i = 1, #streams do
    if sizes[i] ~= "0 0" and redis.call("HGET", streamsKey(id), streams[i]) ~= sizes[i] then
      return false
    end
  end
  return true
end
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local id = item[1]
local streams = item[2]
local sizes = item[3]
local reply = { "checked" }
for i = 1, #streams do
  reply[i + 1] = areThere(id, { streams[i] }, { sizes[i] }) and 1 or 0
end
return reply
end
return runBatch(run)
`,
};


export interface ClaimInstanceArgs {
  readonly id: ScriptValue;
  readonly worker: ScriptValue;
  readonly leaseMs: ScriptValue;
  readonly nonce: ScriptValue;
  readonly heldFence: ScriptValue;
  readonly heldEntries: ScriptValue;
  readonly early: ScriptValue;
}

export const claimInstance: Script<ClaimInstanceArgs> = {
  name: "claim-instance",
  sha1: "383666b43612fa71f421f0b02d6ef1842657e274",
  encode: (args) => [args.id, args.worker, args.leaseMs, args.nonce, args.heldFence, args.heldEntries, args.early],
  lua: `local tag = KEYS[1]
local function instanceKey(id) return tag .. ":i:" .. id end
local function historyKey(id) return tag .. ":h:" .. id end
local function eventsKey(id) return tag .. ":e:" .. id end
local sequenceKey = tag .. ":sequence"
local positionKey = tag .. ":position"
local settingsKey = tag .. ":settings"
local pendingKey = tag .. ":pending"
local backlogKey = tag .. ":backlog"
local leasesKey = tag .. ":leases"
local timersKey = tag .. ":timers"
local outboxKey = tag .. ":outbox"
local expiryKey = tag .. ":expiry"
local function heldKey(schedule) return tag .. ":held:" .. schedule end
local function statusKey(status) return tag .. ":status:" .. status end
local feedChannel = tag .. ":feed"
local function historyChannel(id) return tag .. ":history:" .. id end
local function workerChannel(workerId) return tag .. ":worker:" .. workerId end
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = now .. ""
local SUPPORTED_FORMAT = "1"
local function readFields(id, ...)
  local names = { ... }
  local values = redis.call("HMGET", instanceKey(id), ...)
  local record = { id = id }
  for i = 1, #names do
    record[names[i]] = values[i]
  end
  return record
end
local function parseFormat(record)
  local number, watchedUntil = string.match(record.format, "^(%d+) ?(%d*)\$")
  record.watchedUntil = tonumber(watchedUntil)
  return number or record.format
end
local function readRecord(id, ...)
  local record = readFields(id, "format", "status", ...)
  if record.format and record.format ~= SUPPORTED_FORMAT then
    local format = parseFormat(record)
    if tonumber(format) > tonumber(SUPPORTED_FORMAT) then
      error("NEWER_FORMAT " .. format .. " " .. SUPPORTED_FORMAT)
    end
  end
  return record
end
local slotLimit, feedUntil, outboxStatuses
local function readMark(mark)
  local watchedUntil, statuses = string.match(mark or "", "^(%d*) ?(.*)\$")
  feedUntil, outboxStatuses = tonumber(watchedUntil) or 0, statuses
end
local function readSettings()
  local fields = redis.call("HMGET", settingsKey, "concurrencyLimit", "mark")
  slotLimit = tonumber(fields[1] or 0)
  readMark(fields[2])
end
local function freeSlots()
  if not slotLimit then
    readSettings()
  end
  if slotLimit == 0 then
    return math.huge
  end
  return slotLimit - redis.call("ZCARD", pendingKey) - redis.call("ZCARD", leasesKey)
end
local function rankOf(record)
  return record.startedAt and 0 or tonumber(record.priority)
end
local function pushRequest(reply, id, wakeUp, rank)
  local length = #reply
  reply[length + 1], reply[length + 2], reply[length + 3] = id, wakeUp, rank
end
local OUTBOX_LIMIT = 1000000
local function dropOldest()
  local count = redis.call("XTRIM", outboxKey, "MAXLEN", "~", OUTBOX_LIMIT)
  if count > 0 then
    local before = string.match(redis.call("HGET", settingsKey, "outboxLost") or "0", "^%d+")
    redis.call("HSET", settingsKey, "outboxLost", (tonumber(before) + count) .. " " .. stamp)
  end
end
local function tellStatus(id, status)
  if not feedUntil then
    readSettings()
  end
  if feedUntil >= now then
    redis.call("PUBLISH", feedChannel, status .. " " .. stamp .. " " .. id)
  end
  if outboxStatuses ~= "" and string.find(outboxStatuses, "," .. status .. ",", 1, true) then
    redis.call("XADD", outboxKey, "*", "change", status .. " " .. stamp .. " " .. id)
    if redis.call("XLEN", outboxKey) > OUTBOX_LIMIT then
      dropOldest()
    end
  end
end
local function moveTo(id, record, status, ...)
  if record.status ~= status then
    redis.call("ZREM", statusKey(record.status), id)
    redis.call("ZADD", statusKey(status), record.createdAt, id)
    tellStatus(id, status)
  end
  redis.call("HSET", instanceKey(id), "status", status, ...)
end
local function underWay(record, where)
  return record.status == "rollingBack" and record.status or where
end
local function leavePlaces(id)
  redis.call("ZREM", pendingKey, id)
  redis.call("ZREM", backlogKey, id)
  redis.call("ZREM", leasesKey, id)
  redis.call("ZREM", timersKey, id)
  redis.call("ZREM", expiryKey, id)
end
local FINISHED = { complete = true, errored = true, terminated = true }
local items = cmsgpack.unpack(ARGV[1])
local lastDrawn, lastReserved = 0, 0
local function reserveNumbers()
  local drawn, mark = string.match(redis.call("GET", sequenceKey) or "0", "^(%d+)(.*)\$")
  readMark(string.sub(mark, 2))
  local last = math.max(lastDrawn, tonumber(drawn))
  local first = math.max(last + 1, time[1] * 1000000 + time[2])
  redis.call("SET", sequenceKey, string.format("%.0f", first + #items - 1) .. mark)
  lastDrawn, lastReserved = first - 1, first + #items - 1
end
local function drawNumber()
  if lastDrawn == lastReserved then
    reserveNumbers()
  end
  lastDrawn = lastDrawn + 1
  return lastDrawn
end
local function enqueue(reply, id, rank, hasSlot)
  local wakeUp = drawNumber()
  if hasSlot or freeSlots() > 0 then
    redis.call("ZADD", pendingKey, stamp, id)
    pushRequest(reply, id, wakeUp, rank)
  else
    -- Rank first, then first come: 21 bits and 32 bits fill the 53 of a score.
    local position = redis.call("INCR", positionKey) % 4294967296
    redis.call("ZADD", backlogKey, rank * 4294967296 + position, id)
  end
  return wakeUp
end
local function makeRunnable(reply, id, record, hasSlot)
  local wakeUp = enqueue(reply, id, rankOf(record), hasSlot)
  moveTo(id, record, underWay(record, "queued"), "wakeUp", wakeUp, "worker", "", "claimNonce", "")
  return reply
end
local function isLeased(record)
  return record.status == "running" or record.status == "waitingForPause"
    -- One that rolls back is that in line and while it waits, too.
    or (record.status == "rollingBack" and redis.call("ZSCORE", leasesKey, record.id))
end
local function tellWorker(id, record, what)
  if isLeased(record) then
    redis.call("PUBLISH", workerChannel(record.worker), what .. " " .. record.fence .. " " .. id)
  end
end
local function tellWatchers(id, record)
  local watchedUntil = record.watchedUntil
  if watchedUntil and watchedUntil >= now then
    redis.call("PUBLISH", historyChannel(id), "changed")
  elseif watchedUntil then
    redis.call("HSET", instanceKey(id), "format", SUPPORTED_FORMAT)
  end
end
local function noteStart(id, record, entries)
  if entries > 0 then
    redis.call("HSET", instanceKey(id), "startedAfter", entries)
  end
  tellWatchers(id, record)
end
local MAX_PUSHED = 1000
local function push(id, items, from)
  local key = historyKey(id)
  for first = from, #items, MAX_PUSHED do
    redis.call("RPUSH", key, unpack(items, first, math.min(first + MAX_PUSHED - 1, #items)))
  end
end
local function append(id, record, entries, result)
  for i = 1, #entries do
    entries[i] = stamp .. entries[i]
  end
  entries[#entries + 1] = result
  push(id, entries, 1)
  if record.watchedUntil and #entries > 0 then
    tellWatchers(id, record)
  end
end
local MAX_ADMITTED = 1000
local function admitUpTo(reply, count)
  local admitted = redis.call("ZPOPMIN", backlogKey, math.min(count, MAX_ADMITTED))
  for i = 1, #admitted, 2 do
    local id = admitted[i]
    local record = readFields(id, "wakeUp", "startedAt", "priority")
    if record.wakeUp then
      redis.call("ZADD", pendingKey, stamp, id)
      pushRequest(reply, id, record.wakeUp, rankOf(record))
    end
  end
end
local function admit(reply)
  local free = freeSlots()
  if free > 0 and free < math.huge then
    admitUpTo(reply, free)
  end
  return reply
end
local function lineOf(id)
  return string.find(id, " ", 1, true) and redis.call("HGET", instanceKey(id), "schedule")
end
local function settleAsPaused(reply, id, record, ...)
  leavePlaces(id)
  if record.status == "queued" and lineOf(id) then
    -- One that is held leaves the line; one that is active blocks it.
    redis.call("ZREM", heldKey(lineOf(id)), id)
  end
  append(id, record, { '{"type":"workflow_paused"}' })
  moveTo(id, record, "paused", "pausedAt", stamp, "worker", "", "claimNonce", "", ...)
  return admit(reply)
end
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function weigh(text)
  answerBytes = answerBytes + (text and #text or 0)
  return text
end
local function weighAll(texts)
  for i = 1, #texts do
    weigh(texts[i])
  end
  return texts
end
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local id = item[1]
local worker = item[2]
local leaseMs = item[3]
local nonce = item[4]
local heldFence = item[5]
local heldEntries = item[6]
local early = item[7]
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
end
return runBatch(run)
`,
};


export interface CommitEntriesArgs {
  readonly id: ScriptValue;
  readonly fence: ScriptValue;
  readonly commit: ScriptValue;
  readonly after: ScriptValue;
  readonly seenEvent: ScriptValue;
  readonly consumed: readonly ScriptValue[];
  readonly entries: readonly ScriptValue[];
}

export const commitEntries: Script<CommitEntriesArgs> = {
  name: "commit-entries",
  sha1: "f90362c4775d1338e9525f203f209c4076ba9ef4",
  encode: (args) => [args.id, args.fence, args.commit, args.after, args.seenEvent, args.consumed, args.entries],
  lua: `local tag = KEYS[1]
local function instanceKey(id) return tag .. ":i:" .. id end
local function historyKey(id) return tag .. ":h:" .. id end
local function eventsKey(id) return tag .. ":e:" .. id end
local leasesKey = tag .. ":leases"
local function historyChannel(id) return tag .. ":history:" .. id end
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = now .. ""
local SUPPORTED_FORMAT = "1"
local function readFields(id, ...)
  local names = { ... }
  local values = redis.call("HMGET", instanceKey(id), ...)
  local record = { id = id }
  for i = 1, #names do
    record[names[i]] = values[i]
  end
  return record
end
local function parseFormat(record)
  local number, watchedUntil = string.match(record.format, "^(%d+) ?(%d*)\$")
  record.watchedUntil = tonumber(watchedUntil)
  return number or record.format
end
local function readRecord(id, ...)
  local record = readFields(id, "format", "status", ...)
  if record.format and record.format ~= SUPPORTED_FORMAT then
    local format = parseFormat(record)
    if tonumber(format) > tonumber(SUPPORTED_FORMAT) then
      error("NEWER_FORMAT " .. format .. " " .. SUPPORTED_FORMAT)
    end
  end
  return record
end
local function isLeased(record)
  return record.status == "running" or record.status == "waitingForPause"
    -- One that rolls back is that in line and while it waits, too.
    or (record.status == "rollingBack" and redis.call("ZSCORE", leasesKey, record.id))
end
local function judge(record, fence, commit, after)
  if record.fence ~= fence or tonumber(record.commit) < tonumber(after) then
    return "stale"
  elseif tonumber(commit) <= tonumber(record.commit) then
    return "repeat"
  end
  return isLeased(record) and "current" or "stale"
end
local function tellWatchers(id, record)
  local watchedUntil = record.watchedUntil
  if watchedUntil and watchedUntil >= now then
    redis.call("PUBLISH", historyChannel(id), "changed")
  elseif watchedUntil then
    redis.call("HSET", instanceKey(id), "format", SUPPORTED_FORMAT)
  end
end
local MAX_PUSHED = 1000
local function push(id, items, from)
  local key = historyKey(id)
  for first = from, #items, MAX_PUSHED do
    redis.call("RPUSH", key, unpack(items, first, math.min(first + MAX_PUSHED - 1, #items)))
  end
end
local function append(id, record, entries, result)
  for i = 1, #entries do
    entries[i] = stamp .. entries[i]
  end
  entries[#entries + 1] = result
  push(id, entries, 1)
  if record.watchedUntil and #entries > 0 then
    tellWatchers(id, record)
  end
end
local function consume(id, events)
  local key = eventsKey(id)
  for i = 1, #events do
    redis.call("HDEL", key, events[i])
  end
end
local function hasUnseen(record, seenEvent)
  return record.eventSeq and tonumber(record.eventSeq) > tonumber(seenEvent)
end
local function pushNews(reply, id, record, seenEvent)
  local length = #reply
  reply[length + 1] = record.status == "waitingForPause" and 1 or 0
  reply[length + 2] = record.eventSeq or 0
  if hasUnseen(record, seenEvent) then
    local key = eventsKey(id)
    for seq = seenEvent + 1, tonumber(record.eventSeq) do
      local event = redis.call("HGET", key, seq)
      if event then
        reply[#reply + 1] = seq
        reply[#reply + 1] = event
      end
    end
  end
  return reply
end
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local id = item[1]
local fence = item[2]
local commit = item[3]
local after = item[4]
local seenEvent = item[5]
local consumed = item[6]
local entries = item[7]
local record = readRecord(id, "fence", "commit", "committedAt", "eventSeq")
local judged = judge(record, fence, commit, after)
if judged == "stale" then
  return { "stale" }
elseif judged == "repeat" then
  return pushNews({ "committed", record.committedAt }, id, record, seenEvent)
end

if #entries > 0 or #consumed > 0 then
  append(id, record, entries)
  consume(id, consumed)
  redis.call("HSET", instanceKey(id), "commit", commit, "committedAt", stamp)
end
return pushNews({ "committed", now }, id, record, seenEvent)
end
return runBatch(run)
`,
};


export interface CommitStreamsArgs {
  readonly id: ScriptValue;
  readonly fence: ScriptValue;
  readonly commit: ScriptValue;
  readonly after: ScriptValue;
  readonly seenEvent: ScriptValue;
  readonly consumed: readonly ScriptValue[];
  readonly entries: readonly ScriptValue[];
  readonly streams: readonly ScriptValue[];
  readonly sizes: readonly ScriptValue[];
}

export const commitStreams: Script<CommitStreamsArgs> = {
  name: "commit-streams",
  sha1: "ee9c54b9eb4085ac6d8390deca527c8f998193f8",
  encode: (args) => [args.id, args.fence, args.commit, args.after, args.seenEvent, args.consumed, args.entries, args.streams, args.sizes],
  lua: `local tag = KEYS[1]
local function instanceKey(id) return tag .. ":i:" .. id end
local function historyKey(id) return tag .. ":h:" .. id end
local function eventsKey(id) return tag .. ":e:" .. id end
local function streamsKey(id) return tag .. ":s:" .. id end
local leasesKey = tag .. ":leases"
local openStreamsKey = tag .. ":streams"
local function historyChannel(id) return tag .. ":history:" .. id end
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = now .. ""
local SUPPORTED_FORMAT = "1"
local function readFields(id, ...)
  local names = { ... }
  local values = redis.call("HMGET", instanceKey(id), ...)
  local record = { id = id }
  for i = 1, #names do
    record[names[i]] = values[i]
  end
  return record
end
local function parseFormat(record)
  local number, watchedUntil = string.match(record.format, "^(%d+) ?(%d*)\$")
  record.watchedUntil = tonumber(watchedUntil)
  return number or record.format
end
local function readRecord(id, ...)
  local record = readFields(id, "format", "status", ...)
  if record.format and record.format ~= SUPPORTED_FORMAT then
    local format = parseFormat(record)
    if tonumber(format) > tonumber(SUPPORTED_FORMAT) then
      error("NEWER_FORMAT " .. format .. " " .. SUPPORTED_FORMAT)
    end
  end
  return record
end
local function isLeased(record)
  return record.status == "running" or record.status == "waitingForPause"
    -- One that rolls back is that in line and while it waits, too.
    or (record.status == "rollingBack" and redis.call("ZSCORE", leasesKey, record.id))
end
local function judge(record, fence, commit, after)
  if record.fence ~= fence or tonumber(record.commit) < tonumber(after) then
    return "stale"
  elseif tonumber(commit) <= tonumber(record.commit) then
    return "repeat"
  end
  return isLeased(record) and "current" or "stale"
end
local function tellWatchers(id, record)
  local watchedUntil = record.watchedUntil
  if watchedUntil and watchedUntil >= now then
    redis.call("PUBLISH", historyChannel(id), "changed")
  elseif watchedUntil then
    redis.call("HSET", instanceKey(id), "format", SUPPORTED_FORMAT)
  end
end
local MAX_PUSHED = 1000
local function push(id, items, from)
  local key = historyKey(id)
  for first = from, #items, MAX_PUSHED do
    redis.call("RPUSH", key, unpack(items, first, math.min(first + MAX_PUSHED - 1, #items)))
  end
end
local function append(id, record, entries, result)
  for i = 1, #entries do
    entries[i] = stamp .. entries[i]
  end
  entries[#entries + 1] = result
  push(id, entries, 1)
  if record.watchedUntil and #entries > 0 then
    tellWatchers(id, record)
  end
end
local function consume(id, events)
  local key = eventsKey(id)
  for i = 1, #events do
    redis.call("HDEL", key, events[i])
  end
end
local function hasUnseen(record, seenEvent)
  return record.eventSeq and tonumber(record.eventSeq) > tonumber(seenEvent)
end
local function pushNews(reply, id, record, seenEvent)
  local length = #reply
  reply[length + 1] = record.status == "waitingForPause" and 1 or 0
  reply[length + 2] = record.eventSeq or 0
  if hasUnseen(record, seenEvent) then
    local key = eventsKey(id)
    for seq = seenEvent + 1, tonumber(record.eventSeq) do
      local event = redis.call("HGET", key, seq)
      if event then
        reply[#reply + 1] = seq
        reply[#reply + 1] = event
      end
    end
  end
  return reply
end
local function parseSize(text)
  local chunks, bytes = string.match(text or "0 0", "^(%d+) (%d+)\$")
  return tonumber(chunks), tonumber(bytes)
end
local function areThere(id, streams, sizes)
  for i = 1, #streams do
    if sizes[i] ~= "0 0" and redis.call("HGET", streamsKey(id), streams[i]) ~= sizes[i] then
      return false
    end
  end
  return true
end
local function keepStreams(id, streams, sizes)
  local key, total = streamsKey(id), 0
  for i = 1, #streams do
    local _, bytes = parseSize(sizes[i])
    if redis.call("ZREM", openStreamsKey, streams[i] .. " " .. id) == 1 then
      total = total + bytes
    end
  end
  if total > 0 then
    redis.call("HINCRBY", key, "kept", total)
    redis.call("HINCRBY", key, "open", -total)
  end
end
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local id = item[1]
local fence = item[2]
local commit = item[3]
local after = item[4]
local seenEvent = item[5]
local consumed = item[6]
local entries = item[7]
local streams = item[8]
local sizes = item[9]
local record = readRecord(id, "fence", "commit", "committedAt", "eventSeq")
local judged = judge(record, fence, commit, after)
if judged == "repeat" then
  return pushNews({ "committed", record.committedAt }, id, record, seenEvent)
elseif judged == "stale" or not areThere(id, streams, sizes) then
  return { "stale" }
end

keepStreams(id, streams, sizes)
if #entries > 0 or #consumed > 0 then
  append(id, record, entries)
  consume(id, consumed)
  redis.call("HSET", instanceKey(id), "commit", commit, "committedAt", stamp)
end
return pushNews({ "committed", now }, id, record, seenEvent)
end
return runBatch(run)
`,
};


export interface ConfigureWorkflowArgs {
  readonly concurrencyLimit: ScriptValue;
}

export const configureWorkflow: Script<ConfigureWorkflowArgs> = {
  name: "configure-workflow",
  sha1: "b9863c2723aacf14ea9fda44034ccb4bf13eb32a",
  encode: (args) => [args.concurrencyLimit],
  lua: `local tag = KEYS[1]
local function instanceKey(id) return tag .. ":i:" .. id end
local settingsKey = tag .. ":settings"
local pendingKey = tag .. ":pending"
local backlogKey = tag .. ":backlog"
local leasesKey = tag .. ":leases"
local slotLimit, feedUntil, outboxStatuses
local function readMark(mark)
  local watchedUntil, statuses = string.match(mark or "", "^(%d*) ?(.*)\$")
  feedUntil, outboxStatuses = tonumber(watchedUntil) or 0, statuses
end
local function readSettings()
  local fields = redis.call("HMGET", settingsKey, "concurrencyLimit", "mark")
  slotLimit = tonumber(fields[1] or 0)
  readMark(fields[2])
end
local function freeSlots()
  if not slotLimit then
    readSettings()
  end
  if slotLimit == 0 then
    return math.huge
  end
  return slotLimit - redis.call("ZCARD", pendingKey) - redis.call("ZCARD", leasesKey)
end
local function rankOf(record)
  return record.startedAt and 0 or tonumber(record.priority)
end
local function pushRequest(reply, id, wakeUp, rank)
  local length = #reply
  reply[length + 1], reply[length + 2], reply[length + 3] = id, wakeUp, rank
end
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = now .. ""
local function readFields(id, ...)
  local names = { ... }
  local values = redis.call("HMGET", instanceKey(id), ...)
  local record = { id = id }
  for i = 1, #names do
    record[names[i]] = values[i]
  end
  return record
end
local MAX_ADMITTED = 1000
local function admitUpTo(reply, count)
  local admitted = redis.call("ZPOPMIN", backlogKey, math.min(count, MAX_ADMITTED))
  for i = 1, #admitted, 2 do
    local id = admitted[i]
    local record = readFields(id, "wakeUp", "startedAt", "priority")
    if record.wakeUp then
      redis.call("ZADD", pendingKey, stamp, id)
      pushRequest(reply, id, record.wakeUp, rankOf(record))
    end
  end
end
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local concurrencyLimit = item[1]
redis.call("HSET", settingsKey, "concurrencyLimit", concurrencyLimit)
slotLimit = tonumber(concurrencyLimit)
local reply = { "configured" }
local free = freeSlots()
if free > 0 then
  admitUpTo(reply, free)
end
return reply
end
return runBatch(run)
`,
};


export interface CountInstancesArgs {
  readonly statuses: readonly ScriptValue[];
}

export const countInstances: Script<CountInstancesArgs> = {
  name: "count-instances",
  sha1: "3eb28ef31b489f13e75c9ceb128f31ebae354b5e",
  encode: (args) => [args.statuses],
  lua: `local tag = KEYS[1]
local function statusKey(status) return tag .. ":status:" .. status end
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local statuses = item[1]
local reply = { "counts" }
for i = 1, #statuses do
  reply[i + 1] = redis.call("ZCARD", statusKey(statuses[i]))
end
return reply
end
return runBatch(run)
`,
};


export interface CountTokensArgs {
}

export const countTokens: Script<CountTokensArgs> = {
  name: "count-tokens",
  sha1: "09326c1c9856bb472a0f233b64dd8de167e72c10",
  encode: (args) => [],
  lua: `local tag = KEYS[1]
local tokensKey = tag .. ":tokens"
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
return { "count", redis.call("HLEN", tokensKey) }
end
return runBatch(run)
`,
};


export interface CreateInstanceArgs {
  readonly id: ScriptValue;
  readonly params: ScriptValue;
  readonly priority: ScriptValue;
  readonly delayMs: ScriptValue;
  readonly successMs: ScriptValue;
  readonly errorMs: ScriptValue;
  readonly nonce: ScriptValue;
}

export const createInstance: Script<CreateInstanceArgs> = {
  name: "create-instance",
  sha1: "d82f67c0bc81c0ee8e30284c13a90d793cbc066d",
  encode: (args) => [args.id, args.params, args.priority, args.delayMs, args.successMs, args.errorMs, args.nonce],
  lua: `local tag = KEYS[1]
local function instanceKey(id) return tag .. ":i:" .. id end
local function historyKey(id) return tag .. ":h:" .. id end
local sequenceKey = tag .. ":sequence"
local positionKey = tag .. ":position"
local settingsKey = tag .. ":settings"
local pendingKey = tag .. ":pending"
local backlogKey = tag .. ":backlog"
local leasesKey = tag .. ":leases"
local timersKey = tag .. ":timers"
local outboxKey = tag .. ":outbox"
local function statusKey(status) return tag .. ":status:" .. status end
local feedChannel = tag .. ":feed"
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = now .. ""
local SUPPORTED_FORMAT = "1"
local function readFields(id, ...)
  local names = { ... }
  local values = redis.call("HMGET", instanceKey(id), ...)
  local record = { id = id }
  for i = 1, #names do
    record[names[i]] = values[i]
  end
  return record
end
local function parseFormat(record)
  local number, watchedUntil = string.match(record.format, "^(%d+) ?(%d*)\$")
  record.watchedUntil = tonumber(watchedUntil)
  return number or record.format
end
local function readRecord(id, ...)
  local record = readFields(id, "format", "status", ...)
  if record.format and record.format ~= SUPPORTED_FORMAT then
    local format = parseFormat(record)
    if tonumber(format) > tonumber(SUPPORTED_FORMAT) then
      error("NEWER_FORMAT " .. format .. " " .. SUPPORTED_FORMAT)
    end
  end
  return record
end
local slotLimit, feedUntil, outboxStatuses
local function readMark(mark)
  local watchedUntil, statuses = string.match(mark or "", "^(%d*) ?(.*)\$")
  feedUntil, outboxStatuses = tonumber(watchedUntil) or 0, statuses
end
local function readSettings()
  local fields = redis.call("HMGET", settingsKey, "concurrencyLimit", "mark")
  slotLimit = tonumber(fields[1] or 0)
  readMark(fields[2])
end
local function freeSlots()
  if not slotLimit then
    readSettings()
  end
  if slotLimit == 0 then
    return math.huge
  end
  return slotLimit - redis.call("ZCARD", pendingKey) - redis.call("ZCARD", leasesKey)
end
local function rankOf(record)
  return record.startedAt and 0 or tonumber(record.priority)
end
local function pushRequest(reply, id, wakeUp, rank)
  local length = #reply
  reply[length + 1], reply[length + 2], reply[length + 3] = id, wakeUp, rank
end
local OUTBOX_LIMIT = 1000000
local function dropOldest()
  local count = redis.call("XTRIM", outboxKey, "MAXLEN", "~", OUTBOX_LIMIT)
  if count > 0 then
    local before = string.match(redis.call("HGET", settingsKey, "outboxLost") or "0", "^%d+")
    redis.call("HSET", settingsKey, "outboxLost", (tonumber(before) + count) .. " " .. stamp)
  end
end
local function tellStatus(id, status)
  if not feedUntil then
    readSettings()
  end
  if feedUntil >= now then
    redis.call("PUBLISH", feedChannel, status .. " " .. stamp .. " " .. id)
  end
  if outboxStatuses ~= "" and string.find(outboxStatuses, "," .. status .. ",", 1, true) then
    redis.call("XADD", outboxKey, "*", "change", status .. " " .. stamp .. " " .. id)
    if redis.call("XLEN", outboxKey) > OUTBOX_LIMIT then
      dropOldest()
    end
  end
end
local items = cmsgpack.unpack(ARGV[1])
local lastDrawn, lastReserved = 0, 0
local function reserveNumbers()
  local drawn, mark = string.match(redis.call("GET", sequenceKey) or "0", "^(%d+)(.*)\$")
  readMark(string.sub(mark, 2))
  local last = math.max(lastDrawn, tonumber(drawn))
  local first = math.max(last + 1, time[1] * 1000000 + time[2])
  redis.call("SET", sequenceKey, string.format("%.0f", first + #items - 1) .. mark)
  lastDrawn, lastReserved = first - 1, first + #items - 1
end
local function drawNumber()
  if lastDrawn == lastReserved then
    reserveNumbers()
  end
  lastDrawn = lastDrawn + 1
  return lastDrawn
end
local function enqueue(reply, id, rank, hasSlot)
  local wakeUp = drawNumber()
  if hasSlot or freeSlots() > 0 then
    redis.call("ZADD", pendingKey, stamp, id)
    pushRequest(reply, id, wakeUp, rank)
  else
    -- Rank first, then first come: 21 bits and 32 bits fill the 53 of a score.
    local position = redis.call("INCR", positionKey) % 4294967296
    redis.call("ZADD", backlogKey, rank * 4294967296 + position, id)
  end
  return wakeUp
end
local function recordNew(id, params, ...)
  redis.call("ZADD", statusKey("queued"), stamp, id)
  redis.call("RPUSH", historyKey(id), params)
  redis.call("HSET", instanceKey(id), "status", "queued", "format", SUPPORTED_FORMAT, "createdAt", stamp, ...)
  tellStatus(id, "queued")
end
local function createOne(id, params, priority, delayMs, successMs, errorMs, nonce, ...)
  local record = readRecord(id, "nonce", "wakeUp", "startedAt", "priority")
  local reply = { "created" }
  if record.status then
    if record.nonce ~= nonce then
      return { "exists" }, false
    end
    if redis.call("ZSCORE", pendingKey, id) then
      pushRequest(reply, id, record.wakeUp, rankOf(record))
    end
    return reply, false
  end

  local field, value = "wakeUp", nil
  if tonumber(delayMs) > 0 then
    field, value = "delayedUntil", now + delayMs
    redis.call("ZADD", timersKey, value, id)
  else
    value = enqueue(reply, id, tonumber(priority))
  end
  recordNew(id, params, field, value, "priority", priority, "successMs", successMs, "errorMs", errorMs,
    "nonce", nonce, ...)
  return reply, true
end
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local id = item[1]
local params = item[2]
local priority = item[3]
local delayMs = item[4]
local successMs = item[5]
local errorMs = item[6]
local nonce = item[7]
local reply = createOne(id, params, priority, delayMs, successMs, errorMs, nonce)
return reply
end
return runBatch(run)
`,
};


export interface CreateLabelledArgs {
  readonly id: ScriptValue;
  readonly params: ScriptValue;
  readonly priority: ScriptValue;
  readonly delayMs: ScriptValue;
  readonly successMs: ScriptValue;
  readonly errorMs: ScriptValue;
  readonly nonce: ScriptValue;
  readonly labels: readonly ScriptValue[];
}

export const createLabelled: Script<CreateLabelledArgs> = {
  name: "create-labelled",
  sha1: "eb9055d7198cfdfd334faeb84577acf9ef2572b4",
  encode: (args) => [args.id, args.params, args.priority, args.delayMs, args.successMs, args.errorMs, args.nonce, args.labels],
  lua: `local tag = KEYS[1]
local function instanceKey(id) return tag .. ":i:" .. id end
local function historyKey(id) return tag .. ":h:" .. id end
local sequenceKey = tag .. ":sequence"
local positionKey = tag .. ":position"
local settingsKey = tag .. ":settings"
local pendingKey = tag .. ":pending"
local backlogKey = tag .. ":backlog"
local leasesKey = tag .. ":leases"
local timersKey = tag .. ":timers"
local outboxKey = tag .. ":outbox"
local function statusKey(status) return tag .. ":status:" .. status end
local function labelKey(label) return tag .. ":label:" .. label end
local feedChannel = tag .. ":feed"
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = now .. ""
local SUPPORTED_FORMAT = "1"
local function readFields(id, ...)
  local names = { ... }
  local values = redis.call("HMGET", instanceKey(id), ...)
  local record = { id = id }
  for i = 1, #names do
    record[names[i]] = values[i]
  end
  return record
end
local function parseFormat(record)
  local number, watchedUntil = string.match(record.format, "^(%d+) ?(%d*)\$")
  record.watchedUntil = tonumber(watchedUntil)
  return number or record.format
end
local function readRecord(id, ...)
  local record = readFields(id, "format", "status", ...)
  if record.format and record.format ~= SUPPORTED_FORMAT then
    local format = parseFormat(record)
    if tonumber(format) > tonumber(SUPPORTED_FORMAT) then
      error("NEWER_FORMAT " .. format .. " " .. SUPPORTED_FORMAT)
    end
  end
  return record
end
local slotLimit, feedUntil, outboxStatuses
local function readMark(mark)
  local watchedUntil, statuses = string.match(mark or "", "^(%d*) ?(.*)\$")
  feedUntil, outboxStatuses = tonumber(watchedUntil) or 0, statuses
end
local function readSettings()
  local fields = redis.call("HMGET", settingsKey, "concurrencyLimit", "mark")
  slotLimit = tonumber(fields[1] or 0)
  readMark(fields[2])
end
local function freeSlots()
  if not slotLimit then
    readSettings()
  end
  if slotLimit == 0 then
    return math.huge
  end
  return slotLimit - redis.call("ZCARD", pendingKey) - redis.call("ZCARD", leasesKey)
end
local function rankOf(record)
  return record.startedAt and 0 or tonumber(record.priority)
end
local function pushRequest(reply, id, wakeUp, rank)
  local length = #reply
  reply[length + 1], reply[length + 2], reply[length + 3] = id, wakeUp, rank
end
local OUTBOX_LIMIT = 1000000
local function dropOldest()
  local count = redis.call("XTRIM", outboxKey, "MAXLEN", "~", OUTBOX_LIMIT)
  if count > 0 then
    local before = string.match(redis.call("HGET", settingsKey, "outboxLost") or "0", "^%d+")
    redis.call("HSET", settingsKey, "outboxLost", (tonumber(before) + count) .. " " .. stamp)
  end
end
local function tellStatus(id, status)
  if not feedUntil then
    readSettings()
  end
  if feedUntil >= now then
    redis.call("PUBLISH", feedChannel, status .. " " .. stamp .. " " .. id)
  end
  if outboxStatuses ~= "" and string.find(outboxStatuses, "," .. status .. ",", 1, true) then
    redis.call("XADD", outboxKey, "*", "change", status .. " " .. stamp .. " " .. id)
    if redis.call("XLEN", outboxKey) > OUTBOX_LIMIT then
      dropOldest()
    end
  end
end
local items = cmsgpack.unpack(ARGV[1])
local lastDrawn, lastReserved = 0, 0
local function reserveNumbers()
  local drawn, mark = string.match(redis.call("GET", sequenceKey) or "0", "^(%d+)(.*)\$")
  readMark(string.sub(mark, 2))
  local last = math.max(lastDrawn, tonumber(drawn))
  local first = math.max(last + 1, time[1] * 1000000 + time[2])
  redis.call("SET", sequenceKey, string.format("%.0f", first + #items - 1) .. mark)
  lastDrawn, lastReserved = first - 1, first + #items - 1
end
local function drawNumber()
  if lastDrawn == lastReserved then
    reserveNumbers()
  end
  lastDrawn = lastDrawn + 1
  return lastDrawn
end
local function enqueue(reply, id, rank, hasSlot)
  local wakeUp = drawNumber()
  if hasSlot or freeSlots() > 0 then
    redis.call("ZADD", pendingKey, stamp, id)
    pushRequest(reply, id, wakeUp, rank)
  else
    -- Rank first, then first come: 21 bits and 32 bits fill the 53 of a score.
    local position = redis.call("INCR", positionKey) % 4294967296
    redis.call("ZADD", backlogKey, rank * 4294967296 + position, id)
  end
  return wakeUp
end
local function recordNew(id, params, ...)
  redis.call("ZADD", statusKey("queued"), stamp, id)
  redis.call("RPUSH", historyKey(id), params)
  redis.call("HSET", instanceKey(id), "status", "queued", "format", SUPPORTED_FORMAT, "createdAt", stamp, ...)
  tellStatus(id, "queued")
end
local function createOne(id, params, priority, delayMs, successMs, errorMs, nonce, ...)
  local record = readRecord(id, "nonce", "wakeUp", "startedAt", "priority")
  local reply = { "created" }
  if record.status then
    if record.nonce ~= nonce then
      return { "exists" }, false
    end
    if redis.call("ZSCORE", pendingKey, id) then
      pushRequest(reply, id, record.wakeUp, rankOf(record))
    end
    return reply, false
  end

  local field, value = "wakeUp", nil
  if tonumber(delayMs) > 0 then
    field, value = "delayedUntil", now + delayMs
    redis.call("ZADD", timersKey, value, id)
  else
    value = enqueue(reply, id, tonumber(priority))
  end
  recordNew(id, params, field, value, "priority", priority, "successMs", successMs, "errorMs", errorMs,
    "nonce", nonce, ...)
  return reply, true
end
local function addLabels(id, labels)
  for i = 1, #labels do
    redis.call("ZADD", labelKey(labels[i]), stamp, id)
  end
end
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local id = item[1]
local params = item[2]
local priority = item[3]
local delayMs = item[4]
local successMs = item[5]
local errorMs = item[6]
local nonce = item[7]
local labels = item[8]
local reply, isNew = createOne(id, params, priority, delayMs, successMs, errorMs, nonce,
  "labels", table.concat(labels, "\\n"))
if isNew then
  addLabels(id, labels)
end
return reply
end
return runBatch(run)
`,
};


export interface DeclareSchedulesArgs {
  readonly digest: ScriptValue;
  readonly keys: readonly ScriptValue[];
  readonly text: ScriptValue;
}

export const declareSchedules: Script<DeclareSchedulesArgs> = {
  name: "declare-schedules",
  sha1: "9983c88a388fdddf75f695e82dd4636611f64056",
  encode: (args) => [args.digest, args.keys, args.text],
  lua: `local tag = KEYS[1]
local schedulesKey = tag .. ":schedules"
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = now .. ""
local function readSchedules()
  local fields = redis.call("HGETALL", schedulesKey)
  local known = { declared = {}, fired = {}, count = 0 }
  for i = 1, #fields, 2 do
    local kind, name = string.sub(fields[i], 1, 2), string.sub(fields[i], 3)
    if kind == "f:" then
      known.fired[name] = tonumber(fields[i + 1])
    elseif kind == "d:" then
      local first, heard, text = string.match(fields[i + 1], "^(%d+) (%d+) (.*)\$")
      known.declared[name] = { first = tonumber(first), heard = tonumber(heard), text = text }
      known.count = known.count + 1
    else
      known.digest = fields[i + 1]
    end
  end
  return known
end
local function keepDeclared(name, declaration)
  local text = string.format("%.0f %.0f %s", declaration.first, declaration.heard, declaration.text)
  redis.call("HSET", schedulesKey, "d:" .. name, text)
end
local function inForce(known, hasChanged)
  local declaration = known.declared[known.digest]
  local reply = { "schedules", now, known.digest or "", declaration and declaration.text or "[]",
    known.count, hasChanged and 1 or 0 }
  for key, firedUntil in pairs(known.fired) do
    reply[#reply + 1] = key
    reply[#reply + 1] = firedUntil
  end
  return reply
end
local function keepFired(known, newest, earliest)
  local fired = {}
  for name, declaration in pairs(known.declared) do
    for _, schedule in ipairs(cjson.decode(declaration.text)) do
      local key = schedule.key
      if name == newest then
        -- One that was in force before goes on where it was, unless that is long ago.
        fired[key] = known.fired[key] and math.max(known.fired[key], earliest) or now
        redis.call("HSET", schedulesKey, "f:" .. key, string.format("%.0f", fired[key]))
      end
      fired[key] = fired[key] or known.fired[key]
    end
  end
  for key in pairs(known.fired) do
    if not fired[key] then
      redis.call("HDEL", schedulesKey, "f:" .. key)
    end
  end
  return fired
end
local function isPut(name)
  return string.sub(name, 1, 4) == "put-"
end
local function isAnyPut(known)
  for name in pairs(known.declared) do
    if isPut(name) then
      return true
    end
  end
  return false
end
local WRONG_MS = 60000
local function firstOfNew(known)
  local first = now
  for _, declaration in pairs(known.declared) do
    first = math.max(first, declaration.first + 1)
  end
  return first
end
local function forgetFuture(known)
  for name, declaration in pairs(known.declared) do
    if declaration.heard > now and not isPut(name) then
      declaration.heard = now
      keepDeclared(name, declaration)
    end
  end
  for key, firedUntil in pairs(known.fired) do
    if firedUntil > now + WRONG_MS then
      known.fired[key] = now
      redis.call("HSET", schedulesKey, "f:" .. key, stamp)
    end
  end
end
local LIVE_MS = 60000
local REMEMBERED_MS = 86400000
local function newestOf(known)
  forgetFuture(known)
  local newest, isPut = nil, isAnyPut(known)
  for name, declaration in pairs(known.declared) do
    local best = newest and known.declared[newest]
    local isLater = not best or declaration.first > best.first
      or (declaration.first == best.first and name > newest)
    -- Code without schedules has nothing to say against those that were put there.
    local hasSay = not isPut or declaration.text ~= "[]"
    if now - declaration.heard <= LIVE_MS and hasSay and isLater then
      newest = name
    elseif now - declaration.heard > REMEMBERED_MS then
      redis.call("HDEL", schedulesKey, "d:" .. name)
      known.declared[name] = nil
      known.count = known.count - 1
    end
  end
  return newest
end
local function putInForce(known, newest)
  if newest == known.digest then
    return false
  end
  known.digest = newest
  redis.call("HDEL", schedulesKey, "digest")
  if newest then
    redis.call("HSET", schedulesKey, "digest", newest)
  end
  known.fired = keepFired(known, newest, now - LIVE_MS)
  return true
end
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local digest = item[1]
local keys = item[2]
local text = item[3]
local known = readSchedules()
if #keys == 0 and known.count == 0 then
  return inForce(known)
end

local own = known.declared[digest]
if not own then
  own = { first = firstOfNew(known) }
  known.declared[digest] = own
  known.count = known.count + 1
end
own.heard, own.text = now, text
keepDeclared(digest, own)
return inForce(known, putInForce(known, newestOf(known)))
end
return runBatch(run)
`,
};


export interface DeleteInstanceArgs {
  readonly id: ScriptValue;
}

export const deleteInstance: Script<DeleteInstanceArgs> = {
  name: "delete-instance",
  sha1: "3aa76aaa6238dd71ce728b24ca2ea5e0ccaee827",
  encode: (args) => [args.id],
  lua: `local tag = KEYS[1]
local function instanceKey(id) return tag .. ":i:" .. id end
local function historyKey(id) return tag .. ":h:" .. id end
local function eventsKey(id) return tag .. ":e:" .. id end
local function streamsKey(id) return tag .. ":s:" .. id end
local sequenceKey = tag .. ":sequence"
local positionKey = tag .. ":position"
local settingsKey = tag .. ":settings"
local pendingKey = tag .. ":pending"
local backlogKey = tag .. ":backlog"
local leasesKey = tag .. ":leases"
local timersKey = tag .. ":timers"
local outboxKey = tag .. ":outbox"
local expiryKey = tag .. ":expiry"
local deletedKey = tag .. ":deleted"
local function activeKey(schedule) return tag .. ":active:" .. schedule end
local function heldKey(schedule) return tag .. ":held:" .. schedule end
local function statusKey(status) return tag .. ":status:" .. status end
local function labelKey(label) return tag .. ":label:" .. label end
local finishedChannel = tag .. ":finished"
local feedChannel = tag .. ":feed"
local function historyChannel(id) return tag .. ":history:" .. id end
local function workerChannel(workerId) return tag .. ":worker:" .. workerId end
local SUPPORTED_FORMAT = "1"
local function readFields(id, ...)
  local names = { ... }
  local values = redis.call("HMGET", instanceKey(id), ...)
  local record = { id = id }
  for i = 1, #names do
    record[names[i]] = values[i]
  end
  return record
end
local function parseFormat(record)
  local number, watchedUntil = string.match(record.format, "^(%d+) ?(%d*)\$")
  record.watchedUntil = tonumber(watchedUntil)
  return number or record.format
end
local function readRecord(id, ...)
  local record = readFields(id, "format", "status", ...)
  if record.format and record.format ~= SUPPORTED_FORMAT then
    local format = parseFormat(record)
    if tonumber(format) > tonumber(SUPPORTED_FORMAT) then
      error("NEWER_FORMAT " .. format .. " " .. SUPPORTED_FORMAT)
    end
  end
  return record
end
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = now .. ""
local slotLimit, feedUntil, outboxStatuses
local function readMark(mark)
  local watchedUntil, statuses = string.match(mark or "", "^(%d*) ?(.*)\$")
  feedUntil, outboxStatuses = tonumber(watchedUntil) or 0, statuses
end
local function readSettings()
  local fields = redis.call("HMGET", settingsKey, "concurrencyLimit", "mark")
  slotLimit = tonumber(fields[1] or 0)
  readMark(fields[2])
end
local OUTBOX_LIMIT = 1000000
local function dropOldest()
  local count = redis.call("XTRIM", outboxKey, "MAXLEN", "~", OUTBOX_LIMIT)
  if count > 0 then
    local before = string.match(redis.call("HGET", settingsKey, "outboxLost") or "0", "^%d+")
    redis.call("HSET", settingsKey, "outboxLost", (tonumber(before) + count) .. " " .. stamp)
  end
end
local function tellStatus(id, status)
  if not feedUntil then
    readSettings()
  end
  if feedUntil >= now then
    redis.call("PUBLISH", feedChannel, status .. " " .. stamp .. " " .. id)
  end
  if outboxStatuses ~= "" and string.find(outboxStatuses, "," .. status .. ",", 1, true) then
    redis.call("XADD", outboxKey, "*", "change", status .. " " .. stamp .. " " .. id)
    if redis.call("XLEN", outboxKey) > OUTBOX_LIMIT then
      dropOldest()
    end
  end
end
local function moveTo(id, record, status, ...)
  if record.status ~= status then
    redis.call("ZREM", statusKey(record.status), id)
    redis.call("ZADD", statusKey(status), record.createdAt, id)
    tellStatus(id, status)
  end
  redis.call("HSET", instanceKey(id), "status", status, ...)
end
local function underWay(record, where)
  return record.status == "rollingBack" and record.status or where
end
local function leavePlaces(id)
  redis.call("ZREM", pendingKey, id)
  redis.call("ZREM", backlogKey, id)
  redis.call("ZREM", leasesKey, id)
  redis.call("ZREM", timersKey, id)
  redis.call("ZREM", expiryKey, id)
end
local function removeLabels(id, record)
  for label in string.gmatch(record.labels or "", "[^\\n]+") do
    redis.call("ZREM", labelKey(label), id)
  end
end
local function remove(id, record)
  leavePlaces(id)
  redis.call("ZREM", statusKey(record.status), id)
  removeLabels(id, record)
  -- Streams may be large: their memory is freed beside.
  redis.call("UNLINK", instanceKey(id), historyKey(id), eventsKey(id), streamsKey(id))
  tellStatus(id, "deleted")
end
local function freeSlots()
  if not slotLimit then
    readSettings()
  end
  if slotLimit == 0 then
    return math.huge
  end
  return slotLimit - redis.call("ZCARD", pendingKey) - redis.call("ZCARD", leasesKey)
end
local function rankOf(record)
  return record.startedAt and 0 or tonumber(record.priority)
end
local function pushRequest(reply, id, wakeUp, rank)
  local length = #reply
  reply[length + 1], reply[length + 2], reply[length + 3] = id, wakeUp, rank
end
local MAX_ADMITTED = 1000
local function admitUpTo(reply, count)
  local admitted = redis.call("ZPOPMIN", backlogKey, math.min(count, MAX_ADMITTED))
  for i = 1, #admitted, 2 do
    local id = admitted[i]
    local record = readFields(id, "wakeUp", "startedAt", "priority")
    if record.wakeUp then
      redis.call("ZADD", pendingKey, stamp, id)
      pushRequest(reply, id, record.wakeUp, rankOf(record))
    end
  end
end
local function admit(reply)
  local free = freeSlots()
  if free > 0 and free < math.huge then
    admitUpTo(reply, free)
  end
  return reply
end
local function isLeased(record)
  return record.status == "running" or record.status == "waitingForPause"
    -- One that rolls back is that in line and while it waits, too.
    or (record.status == "rollingBack" and redis.call("ZSCORE", leasesKey, record.id))
end
local function tellWorker(id, record, what)
  if isLeased(record) then
    redis.call("PUBLISH", workerChannel(record.worker), what .. " " .. record.fence .. " " .. id)
  end
end
local function announceEnd(id)
  redis.call("PUBLISH", finishedChannel, id)
end
local function markDeleted(id)
  redis.call("ZADD", deletedKey, stamp, id)
end
local function tellWatchers(id, record)
  local watchedUntil = record.watchedUntil
  if watchedUntil and watchedUntil >= now then
    redis.call("PUBLISH", historyChannel(id), "changed")
  elseif watchedUntil then
    redis.call("HSET", instanceKey(id), "format", SUPPORTED_FORMAT)
  end
end
local items = cmsgpack.unpack(ARGV[1])
local lastDrawn, lastReserved = 0, 0
local function reserveNumbers()
  local drawn, mark = string.match(redis.call("GET", sequenceKey) or "0", "^(%d+)(.*)\$")
  readMark(string.sub(mark, 2))
  local last = math.max(lastDrawn, tonumber(drawn))
  local first = math.max(last + 1, time[1] * 1000000 + time[2])
  redis.call("SET", sequenceKey, string.format("%.0f", first + #items - 1) .. mark)
  lastDrawn, lastReserved = first - 1, first + #items - 1
end
local function drawNumber()
  if lastDrawn == lastReserved then
    reserveNumbers()
  end
  lastDrawn = lastDrawn + 1
  return lastDrawn
end
local function enqueue(reply, id, rank, hasSlot)
  local wakeUp = drawNumber()
  if hasSlot or freeSlots() > 0 then
    redis.call("ZADD", pendingKey, stamp, id)
    pushRequest(reply, id, wakeUp, rank)
  else
    -- Rank first, then first come: 21 bits and 32 bits fill the 53 of a score.
    local position = redis.call("INCR", positionKey) % 4294967296
    redis.call("ZADD", backlogKey, rank * 4294967296 + position, id)
  end
  return wakeUp
end
local function makeRunnable(reply, id, record, hasSlot)
  local wakeUp = enqueue(reply, id, rankOf(record), hasSlot)
  moveTo(id, record, underWay(record, "queued"), "wakeUp", wakeUp, "worker", "", "claimNonce", "")
  return reply
end
local function lineOf(id)
  return string.find(id, " ", 1, true) and redis.call("HGET", instanceKey(id), "schedule")
end
local function exitLine(id, line)
  if line then
    redis.call("ZREM", activeKey(line), id)
    redis.call("ZREM", heldKey(line), id)
  end
end
local function releaseHeld(reply, line, count)
  local held = redis.call("ZPOPMIN", heldKey(line), count)
  for i = 1, #held, 2 do
    redis.call("ZADD", activeKey(line), held[i + 1], held[i])
    makeRunnable(reply, held[i], readRecord(held[i], "createdAt", "startedAt", "priority"))
  end
end
local function advanceLine(reply, line)
  if line and redis.call("ZCARD", activeKey(line)) == 0 then
    releaseHeld(reply, line, 1)
  end
  return reply
end
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local id = item[1]
local record = readRecord(id, "fence", "worker", "labels")
if not record.status then
  return { "missing" }
end

tellWorker(id, record, "revoked")
tellWatchers(id, record)
local line = lineOf(id)
exitLine(id, line)
remove(id, record)
markDeleted(id)
announceEnd(id)
return advanceLine(admit({ "done" }), line)
end
return runBatch(run)
`,
};


export interface DiscardStreamArgs {
  readonly id: ScriptValue;
  readonly stream: ScriptValue;
}

export const discardStream: Script<DiscardStreamArgs> = {
  name: "discard-stream",
  sha1: "56178c65455c3df3a6c695a3b78188c8a87460b8",
  encode: (args) => [args.id, args.stream],
  lua: `local tag = KEYS[1]
local function streamsKey(id) return tag .. ":s:" .. id end
local openStreamsKey = tag .. ":streams"
local MAX_DISCARDED = 64
local function chunkField(stream, index)
  return stream .. "/" .. index
end
local function parseSize(text)
  local chunks, bytes = string.match(text or "0 0", "^(%d+) (%d+)\$")
  return tonumber(chunks), tonumber(bytes)
end
local function discardChunks(id, stream, limit)
  local key = streamsKey(id)
  local chunks, bytes = parseSize(redis.call("HGET", key, stream))
  local first, fields = math.max(0, chunks - limit), { stream }
  for index = first, chunks - 1 do
    bytes = bytes - redis.call("HSTRLEN", key, chunkField(stream, index))
    fields[#fields + 1] = chunkField(stream, index)
  end
  redis.call("HDEL", key, unpack(fields))
  if first > 0 then
    redis.call("HSET", key, stream, first .. " " .. math.max(0, bytes))
  else
    redis.call("ZREM", openStreamsKey, stream .. " " .. id)
  end
  return chunks - first, first == 0
end
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local id = item[1]
local stream = item[2]
local key = streamsKey(id)
local held = redis.call("HMGET", key, "fence", "open", stream)
local _, before = parseSize(held[3])
local _, isDone = discardChunks(id, stream, MAX_DISCARDED)
-- Room for the claim that has written it, if that is the last one that wrote.
if held[1] and string.find(stream, held[1] .. ".", 1, true) == 1 then
  local _, after = parseSize(redis.call("HGET", key, stream))
  redis.call("HSET", key, "open", math.max(0, held[2] - before + after))
end
return { "discarded", isDone and 1 or 0 }
end
return runBatch(run)
`,
};


export interface DropChangesArgs {
  readonly ids: readonly ScriptValue[];
}

export const dropChanges: Script<DropChangesArgs> = {
  name: "drop-changes",
  sha1: "0df2e9453351cc9a5458cbfeb18bbdd430a648cb",
  encode: (args) => [args.ids],
  lua: `local tag = KEYS[1]
local outboxKey = tag .. ":outbox"
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local ids = item[1]
redis.call("XACK", outboxKey, "relay", unpack(ids))
redis.call("XDEL", outboxKey, unpack(ids))
return { "dropped" }
end
return runBatch(run)
`,
};


export interface DropForgottenArgs {
  readonly names: readonly ScriptValue[];
}

export const dropForgotten: Script<DropForgottenArgs> = {
  name: "drop-forgotten",
  sha1: "026c1a1d4cf4e284b15ba5e91571e3268b4964d2",
  encode: (args) => [args.names],
  lua: `local tag = KEYS[1]
local forgottenKey = tag .. ":forgotten"
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local names = item[1]
redis.call("ZREM", forgottenKey, unpack(names))
return { "dropped" }
end
return runBatch(run)
`,
};


export interface EndJobArgs {
  readonly job: ScriptValue;
  readonly holder: ScriptValue;
  readonly workflow: ScriptValue;
  readonly id: ScriptValue;
  readonly detail: ScriptValue;
}

export const endJob: Script<EndJobArgs> = {
  name: "end-job",
  sha1: "9655f51913f2b97565c6554c7357063d50aaccfe",
  encode: (args) => [args.job, args.holder, args.workflow, args.id, args.detail],
  lua: `local tag = KEYS[1]
local jobsKey = tag .. ":jobs"
local materialsKey = tag .. ":materials"
local function reportsKey(workflow) return tag .. ":reports:" .. workflow end
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = now .. ""
local function readJob(job)
  local text = redis.call("HGET", jobsKey, job)
  local heldUntil, holder, detail = string.match(text or "", "^(%d+) (%S+) (.*)\$")
  return text and { heldUntil = tonumber(heldUntil), holder = holder, detail = detail }
end
local function endJob(job)
  redis.call("HDEL", jobsKey, job)
  redis.call("HDEL", materialsKey, job)
end
local MAX_REPORTS, REPORT_MS = 100, 604800000
local function keepReport(workflow, id, state, detail)
  local key = reportsKey(workflow)
  redis.call("HSET", key, id, state .. " " .. stamp .. " " .. detail)
  redis.call("PEXPIRE", key, REPORT_MS)
  local ids = redis.call("HKEYS", key)
  table.sort(ids)
  for i = 1, #ids - MAX_REPORTS do
    redis.call("HDEL", key, ids[i])
  end
end
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local job = item[1]
local holder = item[2]
local workflow = item[3]
local id = item[4]
local detail = item[5]
local known = readJob(job)
if not known or known.holder ~= holder then
  return { "lost" }
end
endJob(job)
if id ~= "" then
  keepReport(workflow, id, "complete", detail)
end
return { "ended" }
end
return runBatch(run)
`,
};


export interface ExpireInstancesArgs {
  readonly limit: ScriptValue;
}

export const expireInstances: Script<ExpireInstancesArgs> = {
  name: "expire-instances",
  sha1: "52a378b6729c9c693fe02d1ea43143a4cb33acad",
  encode: (args) => [args.limit],
  lua: `local tag = KEYS[1]
local function instanceKey(id) return tag .. ":i:" .. id end
local function historyKey(id) return tag .. ":h:" .. id end
local function eventsKey(id) return tag .. ":e:" .. id end
local function streamsKey(id) return tag .. ":s:" .. id end
local settingsKey = tag .. ":settings"
local pendingKey = tag .. ":pending"
local backlogKey = tag .. ":backlog"
local leasesKey = tag .. ":leases"
local timersKey = tag .. ":timers"
local outboxKey = tag .. ":outbox"
local expiryKey = tag .. ":expiry"
local deletedKey = tag .. ":deleted"
local function statusKey(status) return tag .. ":status:" .. status end
local function labelKey(label) return tag .. ":label:" .. label end
local feedChannel = tag .. ":feed"
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = now .. ""
local function readFields(id, ...)
  local names = { ... }
  local values = redis.call("HMGET", instanceKey(id), ...)
  local record = { id = id }
  for i = 1, #names do
    record[names[i]] = values[i]
  end
  return record
end
local slotLimit, feedUntil, outboxStatuses
local function readMark(mark)
  local watchedUntil, statuses = string.match(mark or "", "^(%d*) ?(.*)\$")
  feedUntil, outboxStatuses = tonumber(watchedUntil) or 0, statuses
end
local function readSettings()
  local fields = redis.call("HMGET", settingsKey, "concurrencyLimit", "mark")
  slotLimit = tonumber(fields[1] or 0)
  readMark(fields[2])
end
local OUTBOX_LIMIT = 1000000
local function dropOldest()
  local count = redis.call("XTRIM", outboxKey, "MAXLEN", "~", OUTBOX_LIMIT)
  if count > 0 then
    local before = string.match(redis.call("HGET", settingsKey, "outboxLost") or "0", "^%d+")
    redis.call("HSET", settingsKey, "outboxLost", (tonumber(before) + count) .. " " .. stamp)
  end
end
local function tellStatus(id, status)
  if not feedUntil then
    readSettings()
  end
  if feedUntil >= now then
    redis.call("PUBLISH", feedChannel, status .. " " .. stamp .. " " .. id)
  end
  if outboxStatuses ~= "" and string.find(outboxStatuses, "," .. status .. ",", 1, true) then
    redis.call("XADD", outboxKey, "*", "change", status .. " " .. stamp .. " " .. id)
    if redis.call("XLEN", outboxKey) > OUTBOX_LIMIT then
      dropOldest()
    end
  end
end
local function leavePlaces(id)
  redis.call("ZREM", pendingKey, id)
  redis.call("ZREM", backlogKey, id)
  redis.call("ZREM", leasesKey, id)
  redis.call("ZREM", timersKey, id)
  redis.call("ZREM", expiryKey, id)
end
local function removeLabels(id, record)
  for label in string.gmatch(record.labels or "", "[^\\n]+") do
    redis.call("ZREM", labelKey(label), id)
  end
end
local function remove(id, record)
  leavePlaces(id)
  redis.call("ZREM", statusKey(record.status), id)
  removeLabels(id, record)
  -- Streams may be large: their memory is freed beside.
  redis.call("UNLINK", instanceKey(id), historyKey(id), eventsKey(id), streamsKey(id))
  tellStatus(id, "deleted")
end
local KEPT_MS = 60000
local function markDeleted(id)
  redis.call("ZADD", deletedKey, stamp, id)
end
local function forgetDeleted()
  redis.call("ZREMRANGEBYSCORE", deletedKey, "-inf", "(" .. (now - KEPT_MS))
end
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local limit = item[1]
local due = redis.call("ZRANGEBYSCORE", expiryKey, "-inf", now, "LIMIT", 0, limit)
for i = 1, #due do
  local record = readFields(due[i], "status", "endedAt", "labels")
  redis.call("ZREM", expiryKey, due[i])
  if record.status then
    remove(due[i], record)
    if now - record.endedAt < KEPT_MS then
      markDeleted(due[i])
    end
  end
end
forgetDeleted()
return { "expired", #due }
end
return runBatch(run)
`,
};


export interface FinishInstanceArgs {
  readonly id: ScriptValue;
  readonly fence: ScriptValue;
  readonly commit: ScriptValue;
  readonly after: ScriptValue;
  readonly status: ScriptValue;
  readonly result: ScriptValue;
  readonly entries: readonly ScriptValue[];
}

export const finishInstance: Script<FinishInstanceArgs> = {
  name: "finish-instance",
  sha1: "2f60852366101013a7a7595b33443616fbda3919",
  encode: (args) => [args.id, args.fence, args.commit, args.after, args.status, args.result, args.entries],
  lua: `local tag = KEYS[1]
local function instanceKey(id) return tag .. ":i:" .. id end
local function historyKey(id) return tag .. ":h:" .. id end
local function eventsKey(id) return tag .. ":e:" .. id end
local sequenceKey = tag .. ":sequence"
local positionKey = tag .. ":position"
local settingsKey = tag .. ":settings"
local pendingKey = tag .. ":pending"
local backlogKey = tag .. ":backlog"
local leasesKey = tag .. ":leases"
local outboxKey = tag .. ":outbox"
local expiryKey = tag .. ":expiry"
local function activeKey(schedule) return tag .. ":active:" .. schedule end
local function heldKey(schedule) return tag .. ":held:" .. schedule end
local function statusKey(status) return tag .. ":status:" .. status end
local finishedChannel = tag .. ":finished"
local feedChannel = tag .. ":feed"
local function historyChannel(id) return tag .. ":history:" .. id end
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = now .. ""
local SUPPORTED_FORMAT = "1"
local function readFields(id, ...)
  local names = { ... }
  local values = redis.call("HMGET", instanceKey(id), ...)
  local record = { id = id }
  for i = 1, #names do
    record[names[i]] = values[i]
  end
  return record
end
local function parseFormat(record)
  local number, watchedUntil = string.match(record.format, "^(%d+) ?(%d*)\$")
  record.watchedUntil = tonumber(watchedUntil)
  return number or record.format
end
local function readRecord(id, ...)
  local record = readFields(id, "format", "status", ...)
  if record.format and record.format ~= SUPPORTED_FORMAT then
    local format = parseFormat(record)
    if tonumber(format) > tonumber(SUPPORTED_FORMAT) then
      error("NEWER_FORMAT " .. format .. " " .. SUPPORTED_FORMAT)
    end
  end
  return record
end
local function isLeased(record)
  return record.status == "running" or record.status == "waitingForPause"
    -- One that rolls back is that in line and while it waits, too.
    or (record.status == "rollingBack" and redis.call("ZSCORE", leasesKey, record.id))
end
local function judge(record, fence, commit, after)
  if record.fence ~= fence or tonumber(record.commit) < tonumber(after) then
    return "stale"
  elseif tonumber(commit) <= tonumber(record.commit) then
    return "repeat"
  end
  return isLeased(record) and "current" or "stale"
end
local function judgeEnding(record, fence, commit, after)
  local judged = judge(record, fence, commit, after)
  if judged == "repeat" and isLeased(record) then
    error("Write " .. commit .. " ends its activation under a number that another write has used")
  elseif judged == "repeat" and record.commit ~= commit then
    return "stale"
  end
  return judged
end
local function tellWatchers(id, record)
  local watchedUntil = record.watchedUntil
  if watchedUntil and watchedUntil >= now then
    redis.call("PUBLISH", historyChannel(id), "changed")
  elseif watchedUntil then
    redis.call("HSET", instanceKey(id), "format", SUPPORTED_FORMAT)
  end
end
local MAX_PUSHED = 1000
local function push(id, items, from)
  local key = historyKey(id)
  for first = from, #items, MAX_PUSHED do
    redis.call("RPUSH", key, unpack(items, first, math.min(first + MAX_PUSHED - 1, #items)))
  end
end
local function append(id, record, entries, result)
  for i = 1, #entries do
    entries[i] = stamp .. entries[i]
  end
  entries[#entries + 1] = result
  push(id, entries, 1)
  if record.watchedUntil and #entries > 0 then
    tellWatchers(id, record)
  end
end
local slotLimit, feedUntil, outboxStatuses
local function readMark(mark)
  local watchedUntil, statuses = string.match(mark or "", "^(%d*) ?(.*)\$")
  feedUntil, outboxStatuses = tonumber(watchedUntil) or 0, statuses
end
local function readSettings()
  local fields = redis.call("HMGET", settingsKey, "concurrencyLimit", "mark")
  slotLimit = tonumber(fields[1] or 0)
  readMark(fields[2])
end
local OUTBOX_LIMIT = 1000000
local function dropOldest()
  local count = redis.call("XTRIM", outboxKey, "MAXLEN", "~", OUTBOX_LIMIT)
  if count > 0 then
    local before = string.match(redis.call("HGET", settingsKey, "outboxLost") or "0", "^%d+")
    redis.call("HSET", settingsKey, "outboxLost", (tonumber(before) + count) .. " " .. stamp)
  end
end
local function tellStatus(id, status)
  if not feedUntil then
    readSettings()
  end
  if feedUntil >= now then
    redis.call("PUBLISH", feedChannel, status .. " " .. stamp .. " " .. id)
  end
  if outboxStatuses ~= "" and string.find(outboxStatuses, "," .. status .. ",", 1, true) then
    redis.call("XADD", outboxKey, "*", "change", status .. " " .. stamp .. " " .. id)
    if redis.call("XLEN", outboxKey) > OUTBOX_LIMIT then
      dropOldest()
    end
  end
end
local function moveTo(id, record, status, ...)
  if record.status ~= status then
    redis.call("ZREM", statusKey(record.status), id)
    redis.call("ZADD", statusKey(status), record.createdAt, id)
    tellStatus(id, status)
  end
  redis.call("HSET", instanceKey(id), "status", status, ...)
end
local function underWay(record, where)
  return record.status == "rollingBack" and record.status or where
end
local function freeSlots()
  if not slotLimit then
    readSettings()
  end
  if slotLimit == 0 then
    return math.huge
  end
  return slotLimit - redis.call("ZCARD", pendingKey) - redis.call("ZCARD", leasesKey)
end
local function rankOf(record)
  return record.startedAt and 0 or tonumber(record.priority)
end
local function pushRequest(reply, id, wakeUp, rank)
  local length = #reply
  reply[length + 1], reply[length + 2], reply[length + 3] = id, wakeUp, rank
end
local MAX_ADMITTED = 1000
local function admitUpTo(reply, count)
  local admitted = redis.call("ZPOPMIN", backlogKey, math.min(count, MAX_ADMITTED))
  for i = 1, #admitted, 2 do
    local id = admitted[i]
    local record = readFields(id, "wakeUp", "startedAt", "priority")
    if record.wakeUp then
      redis.call("ZADD", pendingKey, stamp, id)
      pushRequest(reply, id, record.wakeUp, rankOf(record))
    end
  end
end
local function admit(reply)
  local free = freeSlots()
  if free > 0 and free < math.huge then
    admitUpTo(reply, free)
  end
  return reply
end
local function announceEnd(id)
  redis.call("PUBLISH", finishedChannel, id)
end
local MAX_TOLD_BYTES = 1024
local function announceResult(id, fence, status, result)
  if #result > MAX_TOLD_BYTES then
    return announceEnd(id)
  end
  redis.call("PUBLISH", finishedChannel, id .. "\\n" .. fence .. " " .. status .. " " .. result)
end
local items = cmsgpack.unpack(ARGV[1])
local lastDrawn, lastReserved = 0, 0
local function reserveNumbers()
  local drawn, mark = string.match(redis.call("GET", sequenceKey) or "0", "^(%d+)(.*)\$")
  readMark(string.sub(mark, 2))
  local last = math.max(lastDrawn, tonumber(drawn))
  local first = math.max(last + 1, time[1] * 1000000 + time[2])
  redis.call("SET", sequenceKey, string.format("%.0f", first + #items - 1) .. mark)
  lastDrawn, lastReserved = first - 1, first + #items - 1
end
local function drawNumber()
  if lastDrawn == lastReserved then
    reserveNumbers()
  end
  lastDrawn = lastDrawn + 1
  return lastDrawn
end
local function enqueue(reply, id, rank, hasSlot)
  local wakeUp = drawNumber()
  if hasSlot or freeSlots() > 0 then
    redis.call("ZADD", pendingKey, stamp, id)
    pushRequest(reply, id, wakeUp, rank)
  else
    -- Rank first, then first come: 21 bits and 32 bits fill the 53 of a score.
    local position = redis.call("INCR", positionKey) % 4294967296
    redis.call("ZADD", backlogKey, rank * 4294967296 + position, id)
  end
  return wakeUp
end
local function makeRunnable(reply, id, record, hasSlot)
  local wakeUp = enqueue(reply, id, rankOf(record), hasSlot)
  moveTo(id, record, underWay(record, "queued"), "wakeUp", wakeUp, "worker", "", "claimNonce", "")
  return reply
end
local function lineOf(id)
  return string.find(id, " ", 1, true) and redis.call("HGET", instanceKey(id), "schedule")
end
local function exitLine(id, line)
  if line then
    redis.call("ZREM", activeKey(line), id)
    redis.call("ZREM", heldKey(line), id)
  end
end
local function releaseHeld(reply, line, count)
  local held = redis.call("ZPOPMIN", heldKey(line), count)
  for i = 1, #held, 2 do
    redis.call("ZADD", activeKey(line), held[i + 1], held[i])
    makeRunnable(reply, held[i], readRecord(held[i], "createdAt", "startedAt", "priority"))
  end
end
local function advanceLine(reply, line)
  if line and redis.call("ZCARD", activeKey(line)) == 0 then
    releaseHeld(reply, line, 1)
  end
  return reply
end
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local id = item[1]
local fence = item[2]
local commit = item[3]
local after = item[4]
local status = item[5]
local result = item[6]
local entries = item[7]
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
end
return runBatch(run)
`,
};


export interface FinishRollbackArgs {
  readonly id: ScriptValue;
  readonly fence: ScriptValue;
  readonly commit: ScriptValue;
  readonly after: ScriptValue;
  readonly status: ScriptValue;
  readonly result: readonly ScriptValue[];
  readonly ending: readonly ScriptValue[];
  readonly entries: readonly ScriptValue[];
}

export const finishRollback: Script<FinishRollbackArgs> = {
  name: "finish-rollback",
  sha1: "127a38ed391b33e6a0468693ad46263e79682a30",
  encode: (args) => [args.id, args.fence, args.commit, args.after, args.status, args.result, args.ending, args.entries],
  lua: `local tag = KEYS[1]
local function instanceKey(id) return tag .. ":i:" .. id end
local function historyKey(id) return tag .. ":h:" .. id end
local function eventsKey(id) return tag .. ":e:" .. id end
local sequenceKey = tag .. ":sequence"
local positionKey = tag .. ":position"
local settingsKey = tag .. ":settings"
local pendingKey = tag .. ":pending"
local backlogKey = tag .. ":backlog"
local leasesKey = tag .. ":leases"
local outboxKey = tag .. ":outbox"
local expiryKey = tag .. ":expiry"
local function activeKey(schedule) return tag .. ":active:" .. schedule end
local function heldKey(schedule) return tag .. ":held:" .. schedule end
local function statusKey(status) return tag .. ":status:" .. status end
local finishedChannel = tag .. ":finished"
local feedChannel = tag .. ":feed"
local function historyChannel(id) return tag .. ":history:" .. id end
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = now .. ""
local SUPPORTED_FORMAT = "1"
local function readFields(id, ...)
  local names = { ... }
  local values = redis.call("HMGET", instanceKey(id), ...)
  local record = { id = id }
  for i = 1, #names do
    record[names[i]] = values[i]
  end
  return record
end
local function parseFormat(record)
  local number, watchedUntil = string.match(record.format, "^(%d+) ?(%d*)\$")
  record.watchedUntil = tonumber(watchedUntil)
  return number or record.format
end
local function readRecord(id, ...)
  local record = readFields(id, "format", "status", ...)
  if record.format and record.format ~= SUPPORTED_FORMAT then
    local format = parseFormat(record)
    if tonumber(format) > tonumber(SUPPORTED_FORMAT) then
      error("NEWER_FORMAT " .. format .. " " .. SUPPORTED_FORMAT)
    end
  end
  return record
end
local function isLeased(record)
  return record.status == "running" or record.status == "waitingForPause"
    -- One that rolls back is that in line and while it waits, too.
    or (record.status == "rollingBack" and redis.call("ZSCORE", leasesKey, record.id))
end
local function judge(record, fence, commit, after)
  if record.fence ~= fence or tonumber(record.commit) < tonumber(after) then
    return "stale"
  elseif tonumber(commit) <= tonumber(record.commit) then
    return "repeat"
  end
  return isLeased(record) and "current" or "stale"
end
local function judgeEnding(record, fence, commit, after)
  local judged = judge(record, fence, commit, after)
  if judged == "repeat" and isLeased(record) then
    error("Write " .. commit .. " ends its activation under a number that another write has used")
  elseif judged == "repeat" and record.commit ~= commit then
    return "stale"
  end
  return judged
end
local function tellWatchers(id, record)
  local watchedUntil = record.watchedUntil
  if watchedUntil and watchedUntil >= now then
    redis.call("PUBLISH", historyChannel(id), "changed")
  elseif watchedUntil then
    redis.call("HSET", instanceKey(id), "format", SUPPORTED_FORMAT)
  end
end
local MAX_PUSHED = 1000
local function push(id, items, from)
  local key = historyKey(id)
  for first = from, #items, MAX_PUSHED do
    redis.call("RPUSH", key, unpack(items, first, math.min(first + MAX_PUSHED - 1, #items)))
  end
end
local function append(id, record, entries, result)
  for i = 1, #entries do
    entries[i] = stamp .. entries[i]
  end
  entries[#entries + 1] = result
  push(id, entries, 1)
  if record.watchedUntil and #entries > 0 then
    tellWatchers(id, record)
  end
end
local slotLimit, feedUntil, outboxStatuses
local function readMark(mark)
  local watchedUntil, statuses = string.match(mark or "", "^(%d*) ?(.*)\$")
  feedUntil, outboxStatuses = tonumber(watchedUntil) or 0, statuses
end
local function readSettings()
  local fields = redis.call("HMGET", settingsKey, "concurrencyLimit", "mark")
  slotLimit = tonumber(fields[1] or 0)
  readMark(fields[2])
end
local OUTBOX_LIMIT = 1000000
local function dropOldest()
  local count = redis.call("XTRIM", outboxKey, "MAXLEN", "~", OUTBOX_LIMIT)
  if count > 0 then
    local before = string.match(redis.call("HGET", settingsKey, "outboxLost") or "0", "^%d+")
    redis.call("HSET", settingsKey, "outboxLost", (tonumber(before) + count) .. " " .. stamp)
  end
end
local function tellStatus(id, status)
  if not feedUntil then
    readSettings()
  end
  if feedUntil >= now then
    redis.call("PUBLISH", feedChannel, status .. " " .. stamp .. " " .. id)
  end
  if outboxStatuses ~= "" and string.find(outboxStatuses, "," .. status .. ",", 1, true) then
    redis.call("XADD", outboxKey, "*", "change", status .. " " .. stamp .. " " .. id)
    if redis.call("XLEN", outboxKey) > OUTBOX_LIMIT then
      dropOldest()
    end
  end
end
local function moveTo(id, record, status, ...)
  if record.status ~= status then
    redis.call("ZREM", statusKey(record.status), id)
    redis.call("ZADD", statusKey(status), record.createdAt, id)
    tellStatus(id, status)
  end
  redis.call("HSET", instanceKey(id), "status", status, ...)
end
local function underWay(record, where)
  return record.status == "rollingBack" and record.status or where
end
local function freeSlots()
  if not slotLimit then
    readSettings()
  end
  if slotLimit == 0 then
    return math.huge
  end
  return slotLimit - redis.call("ZCARD", pendingKey) - redis.call("ZCARD", leasesKey)
end
local function rankOf(record)
  return record.startedAt and 0 or tonumber(record.priority)
end
local function pushRequest(reply, id, wakeUp, rank)
  local length = #reply
  reply[length + 1], reply[length + 2], reply[length + 3] = id, wakeUp, rank
end
local MAX_ADMITTED = 1000
local function admitUpTo(reply, count)
  local admitted = redis.call("ZPOPMIN", backlogKey, math.min(count, MAX_ADMITTED))
  for i = 1, #admitted, 2 do
    local id = admitted[i]
    local record = readFields(id, "wakeUp", "startedAt", "priority")
    if record.wakeUp then
      redis.call("ZADD", pendingKey, stamp, id)
      pushRequest(reply, id, record.wakeUp, rankOf(record))
    end
  end
end
local function admit(reply)
  local free = freeSlots()
  if free > 0 and free < math.huge then
    admitUpTo(reply, free)
  end
  return reply
end
local function announceEnd(id)
  redis.call("PUBLISH", finishedChannel, id)
end
local items = cmsgpack.unpack(ARGV[1])
local lastDrawn, lastReserved = 0, 0
local function reserveNumbers()
  local drawn, mark = string.match(redis.call("GET", sequenceKey) or "0", "^(%d+)(.*)\$")
  readMark(string.sub(mark, 2))
  local last = math.max(lastDrawn, tonumber(drawn))
  local first = math.max(last + 1, time[1] * 1000000 + time[2])
  redis.call("SET", sequenceKey, string.format("%.0f", first + #items - 1) .. mark)
  lastDrawn, lastReserved = first - 1, first + #items - 1
end
local function drawNumber()
  if lastDrawn == lastReserved then
    reserveNumbers()
  end
  lastDrawn = lastDrawn + 1
  return lastDrawn
end
local function enqueue(reply, id, rank, hasSlot)
  local wakeUp = drawNumber()
  if hasSlot or freeSlots() > 0 then
    redis.call("ZADD", pendingKey, stamp, id)
    pushRequest(reply, id, wakeUp, rank)
  else
    -- Rank first, then first come: 21 bits and 32 bits fill the 53 of a score.
    local position = redis.call("INCR", positionKey) % 4294967296
    redis.call("ZADD", backlogKey, rank * 4294967296 + position, id)
  end
  return wakeUp
end
local function makeRunnable(reply, id, record, hasSlot)
  local wakeUp = enqueue(reply, id, rankOf(record), hasSlot)
  moveTo(id, record, underWay(record, "queued"), "wakeUp", wakeUp, "worker", "", "claimNonce", "")
  return reply
end
local function lineOf(id)
  return string.find(id, " ", 1, true) and redis.call("HGET", instanceKey(id), "schedule")
end
local function exitLine(id, line)
  if line then
    redis.call("ZREM", activeKey(line), id)
    redis.call("ZREM", heldKey(line), id)
  end
end
local function releaseHeld(reply, line, count)
  local held = redis.call("ZPOPMIN", heldKey(line), count)
  for i = 1, #held, 2 do
    redis.call("ZADD", activeKey(line), held[i + 1], held[i])
    makeRunnable(reply, held[i], readRecord(held[i], "createdAt", "startedAt", "priority"))
  end
end
local function advanceLine(reply, line)
  if line and redis.call("ZCARD", activeKey(line)) == 0 then
    releaseHeld(reply, line, 1)
  end
  return reply
end
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local id = item[1]
local fence = item[2]
local commit = item[3]
local after = item[4]
local status = item[5]
local result = item[6]
local ending = item[7]
local entries = item[8]
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
end
return runBatch(run)
`,
};


export interface FireScheduleArgs {
  readonly digest: ScriptValue;
  readonly key: ScriptValue;
  readonly cron: ScriptValue;
  readonly overlap: ScriptValue;
  readonly times: readonly ScriptValue[];
  readonly horizon: ScriptValue;
  readonly params: ScriptValue;
  readonly labels: readonly ScriptValue[];
  readonly priority: ScriptValue;
  readonly successMs: ScriptValue;
  readonly errorMs: ScriptValue;
}

export const fireSchedule: Script<FireScheduleArgs> = {
  name: "fire-schedule",
  sha1: "71b444c57189aa02fa25cb73c2276f38b38b3a4e",
  encode: (args) => [args.digest, args.key, args.cron, args.overlap, args.times, args.horizon, args.params, args.labels, args.priority, args.successMs, args.errorMs],
  lua: `local tag = KEYS[1]
local function instanceKey(id) return tag .. ":i:" .. id end
local function historyKey(id) return tag .. ":h:" .. id end
local sequenceKey = tag .. ":sequence"
local positionKey = tag .. ":position"
local settingsKey = tag .. ":settings"
local pendingKey = tag .. ":pending"
local backlogKey = tag .. ":backlog"
local leasesKey = tag .. ":leases"
local outboxKey = tag .. ":outbox"
local schedulesKey = tag .. ":schedules"
local function activeKey(schedule) return tag .. ":active:" .. schedule end
local function heldKey(schedule) return tag .. ":held:" .. schedule end
local function statusKey(status) return tag .. ":status:" .. status end
local function labelKey(label) return tag .. ":label:" .. label end
local feedChannel = tag .. ":feed"
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = now .. ""
local SUPPORTED_FORMAT = "1"
local function readFields(id, ...)
  local names = { ... }
  local values = redis.call("HMGET", instanceKey(id), ...)
  local record = { id = id }
  for i = 1, #names do
    record[names[i]] = values[i]
  end
  return record
end
local function parseFormat(record)
  local number, watchedUntil = string.match(record.format, "^(%d+) ?(%d*)\$")
  record.watchedUntil = tonumber(watchedUntil)
  return number or record.format
end
local function readRecord(id, ...)
  local record = readFields(id, "format", "status", ...)
  if record.format and record.format ~= SUPPORTED_FORMAT then
    local format = parseFormat(record)
    if tonumber(format) > tonumber(SUPPORTED_FORMAT) then
      error("NEWER_FORMAT " .. format .. " " .. SUPPORTED_FORMAT)
    end
  end
  return record
end
local slotLimit, feedUntil, outboxStatuses
local function readMark(mark)
  local watchedUntil, statuses = string.match(mark or "", "^(%d*) ?(.*)\$")
  feedUntil, outboxStatuses = tonumber(watchedUntil) or 0, statuses
end
local function readSettings()
  local fields = redis.call("HMGET", settingsKey, "concurrencyLimit", "mark")
  slotLimit = tonumber(fields[1] or 0)
  readMark(fields[2])
end
local function freeSlots()
  if not slotLimit then
    readSettings()
  end
  if slotLimit == 0 then
    return math.huge
  end
  return slotLimit - redis.call("ZCARD", pendingKey) - redis.call("ZCARD", leasesKey)
end
local function rankOf(record)
  return record.startedAt and 0 or tonumber(record.priority)
end
local function pushRequest(reply, id, wakeUp, rank)
  local length = #reply
  reply[length + 1], reply[length + 2], reply[length + 3] = id, wakeUp, rank
end
local OUTBOX_LIMIT = 1000000
local function dropOldest()
  local count = redis.call("XTRIM", outboxKey, "MAXLEN", "~", OUTBOX_LIMIT)
  if count > 0 then
    local before = string.match(redis.call("HGET", settingsKey, "outboxLost") or "0", "^%d+")
    redis.call("HSET", settingsKey, "outboxLost", (tonumber(before) + count) .. " " .. stamp)
  end
end
local function tellStatus(id, status)
  if not feedUntil then
    readSettings()
  end
  if feedUntil >= now then
    redis.call("PUBLISH", feedChannel, status .. " " .. stamp .. " " .. id)
  end
  if outboxStatuses ~= "" and string.find(outboxStatuses, "," .. status .. ",", 1, true) then
    redis.call("XADD", outboxKey, "*", "change", status .. " " .. stamp .. " " .. id)
    if redis.call("XLEN", outboxKey) > OUTBOX_LIMIT then
      dropOldest()
    end
  end
end
local function moveTo(id, record, status, ...)
  if record.status ~= status then
    redis.call("ZREM", statusKey(record.status), id)
    redis.call("ZADD", statusKey(status), record.createdAt, id)
    tellStatus(id, status)
  end
  redis.call("HSET", instanceKey(id), "status", status, ...)
end
local function underWay(record, where)
  return record.status == "rollingBack" and record.status or where
end
local FINISHED = { complete = true, errored = true, terminated = true }
local items = cmsgpack.unpack(ARGV[1])
local lastDrawn, lastReserved = 0, 0
local function reserveNumbers()
  local drawn, mark = string.match(redis.call("GET", sequenceKey) or "0", "^(%d+)(.*)\$")
  readMark(string.sub(mark, 2))
  local last = math.max(lastDrawn, tonumber(drawn))
  local first = math.max(last + 1, time[1] * 1000000 + time[2])
  redis.call("SET", sequenceKey, string.format("%.0f", first + #items - 1) .. mark)
  lastDrawn, lastReserved = first - 1, first + #items - 1
end
local function drawNumber()
  if lastDrawn == lastReserved then
    reserveNumbers()
  end
  lastDrawn = lastDrawn + 1
  return lastDrawn
end
local function enqueue(reply, id, rank, hasSlot)
  local wakeUp = drawNumber()
  if hasSlot or freeSlots() > 0 then
    redis.call("ZADD", pendingKey, stamp, id)
    pushRequest(reply, id, wakeUp, rank)
  else
    -- Rank first, then first come: 21 bits and 32 bits fill the 53 of a score.
    local position = redis.call("INCR", positionKey) % 4294967296
    redis.call("ZADD", backlogKey, rank * 4294967296 + position, id)
  end
  return wakeUp
end
local function makeRunnable(reply, id, record, hasSlot)
  local wakeUp = enqueue(reply, id, rankOf(record), hasSlot)
  moveTo(id, record, underWay(record, "queued"), "wakeUp", wakeUp, "worker", "", "claimNonce", "")
  return reply
end
local function recordNew(id, params, ...)
  redis.call("ZADD", statusKey("queued"), stamp, id)
  redis.call("RPUSH", historyKey(id), params)
  redis.call("HSET", instanceKey(id), "status", "queued", "format", SUPPORTED_FORMAT, "createdAt", stamp, ...)
  tellStatus(id, "queued")
end
local function releaseHeld(reply, line, count)
  local held = redis.call("ZPOPMIN", heldKey(line), count)
  for i = 1, #held, 2 do
    redis.call("ZADD", activeKey(line), held[i + 1], held[i])
    makeRunnable(reply, held[i], readRecord(held[i], "createdAt", "startedAt", "priority"))
  end
end
local function advanceLine(reply, line)
  if line and redis.call("ZCARD", activeKey(line)) == 0 then
    releaseHeld(reply, line, 1)
  end
  return reply
end
local function healLine(line)
  local active = redis.call("ZRANGE", activeKey(line), 0, -1)
  for i = 1, #active do
    local status = redis.call("HGET", instanceKey(active[i]), "status")
    if not status or FINISHED[status] then
      redis.call("ZREM", activeKey(line), active[i])
    end
  end
end
local function enterLine(id, line, time, queues)
  local isHeld = queues and redis.call("ZCARD", activeKey(line)) > 0
  redis.call("ZADD", isHeld and heldKey(line) or activeKey(line), time, id)
  return not isHeld
end
local function addLabels(id, labels)
  for i = 1, #labels do
    redis.call("ZADD", labelKey(labels[i]), stamp, id)
  end
end
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local digest = item[1]
local key = item[2]
local cron = item[3]
local overlap = item[4]
local times = item[5]
local horizon = item[6]
local params = item[7]
local labels = item[8]
local priority = item[9]
local successMs = item[10]
local errorMs = item[11]
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
    redis.call("HSET", instanceKey(id), "labels", table.concat(labels, "\\n"))
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
end
return runBatch(run)
`,
};


export interface ForgetWorkerArgs {
  readonly worker: ScriptValue;
}

export const forgetWorker: Script<ForgetWorkerArgs> = {
  name: "forget-worker",
  sha1: "a5e2b49a50650f75064366b367b7a237a5d9e17d",
  encode: (args) => [args.worker],
  lua: `local tag = KEYS[1]
local workersKey = tag .. ":workers"
local function presenceKey(worker) return tag .. ":presence:" .. worker end
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local worker = item[1]
redis.call("ZREM", workersKey, worker)
redis.call("DEL", presenceKey(worker))
return { "forgotten" }
end
return runBatch(run)
`,
};


export interface ForgetWorkflowArgs {
  readonly name: ScriptValue;
}

export const forgetWorkflow: Script<ForgetWorkflowArgs> = {
  name: "forget-workflow",
  sha1: "6a994dfa0ec57540f32a43745647276cabdefb8b",
  encode: (args) => [args.name],
  lua: `local tag = KEYS[1]
local workflowsKey = tag .. ":workflows"
local forgottenKey = tag .. ":forgotten"
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local name = item[1]
local KEPT = 10000 -- for when nobody ever passes anything on

if redis.call("HDEL", workflowsKey, name) == 0 then
  return { "missing" }
end
redis.call("ZADD", forgottenKey, now, name)
redis.call("ZREMRANGEBYRANK", forgottenKey, 0, -1 - KEPT)
return { "forgotten" }
end
return runBatch(run)
`,
};


export interface KeepChangesArgs {
  readonly statuses: ScriptValue;
}

export const keepChanges: Script<KeepChangesArgs> = {
  name: "keep-changes",
  sha1: "dd756d6fc3b87725fe4fd74f9faeb1e7d8ba8215",
  encode: (args) => [args.statuses],
  lua: `local tag = KEYS[1]
local sequenceKey = tag .. ":sequence"
local settingsKey = tag .. ":settings"
local slotLimit, feedUntil, outboxStatuses
local function readMark(mark)
  local watchedUntil, statuses = string.match(mark or "", "^(%d*) ?(.*)\$")
  feedUntil, outboxStatuses = tonumber(watchedUntil) or 0, statuses
end
local function readSettings()
  local fields = redis.call("HMGET", settingsKey, "concurrencyLimit", "mark")
  slotLimit = tonumber(fields[1] or 0)
  readMark(fields[2])
end
local function writeMark(watchedUntil, statuses)
  local mark = watchedUntil .. " " .. statuses
  local drawn = string.match(redis.call("GET", sequenceKey) or "0", "^%d+")
  redis.call("HSET", settingsKey, "mark", mark)
  redis.call("SET", sequenceKey, drawn .. " " .. mark)
end
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local statuses = item[1]
readSettings()
if outboxStatuses ~= statuses then
  writeMark(feedUntil, statuses)
end
return { "kept" }
end
return runBatch(run)
`,
};


export interface ListInstancesArgs {
  readonly statuses: readonly ScriptValue[];
  readonly limit: ScriptValue;
  readonly skip: ScriptValue;
  readonly afterCreatedAt: ScriptValue;
  readonly afterId: ScriptValue;
  readonly from: ScriptValue;
  readonly to: ScriptValue;
  readonly newestFirst: ScriptValue;
}

export const listInstances: Script<ListInstancesArgs> = {
  name: "list-instances",
  sha1: "a0586a033aef32805a560702b46c66fb0d91b8fa",
  encode: (args) => [args.statuses, args.limit, args.skip, args.afterCreatedAt, args.afterId, args.from, args.to, args.newestFirst],
  lua: `local tag = KEYS[1]
local function instanceKey(id) return tag .. ":i:" .. id end
local function statusKey(status) return tag .. ":status:" .. status end
local function isBelow(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = a:byte(i), b:byte(i)
    if x ~= y then
      return x < y
    end
  end
  return #a < #b
end
local function countBefore(key, score, isNewestFirst)
  if isNewestFirst then
    return redis.call("ZCOUNT", key, "(" .. score, "+inf")
  end
  return redis.call("ZCOUNT", key, "-inf", "(" .. score)
end
local function rangeOf(key, first, last, isNewestFirst)
  return redis.call(isNewestFirst and "ZREVRANGE" or "ZRANGE", key, first, last, "WITHSCORES")
end
local function countUpTo(key, score, id, isNewestFirst)
  local low = countBefore(key, score, isNewestFirst)
  local high = low + redis.call("ZCOUNT", key, score, score)
  while low < high do
    local middle = math.floor((low + high) / 2)
    local other = rangeOf(key, middle, middle, isNewestFirst)[1]
    local isAfter = isNewestFirst and isBelow(other, id) or not isNewestFirst and isBelow(id, other)
    if isAfter then high = middle else low = middle + 1 end
  end
  return low
end
local PIECE = 50
local function partOf(key, range)
  local isNewestFirst = range.isNewestFirst
  local start = isNewestFirst and range.to or range.from
  local count = redis.call("ZCOUNT", key, range.from == "" and "-inf" or range.from,
    range.to == "" and "+inf" or range.to)
  local first = (start == "" or count == 0) and 0 or countBefore(key, start, isNewestFirst)
  local part = { key = key, isNewestFirst = isNewestFirst, first = first, last = first + count, count = count }
  if range.afterCreatedAt ~= "" and count > 0 then
    part.first = math.max(first, countUpTo(key, range.afterCreatedAt, range.afterId, isNewestFirst))
  end
  return part
end
local function peek(part)
  if not part.items or part.at > #part.items then
    if part.first >= part.last then
      return nil
    end
    local last = math.min(part.last, part.first + PIECE)
    part.items, part.at = rangeOf(part.key, part.first, last - 1, part.isNewestFirst), 1
    part.first = last
  end
  return part.items[part.at], tonumber(part.items[part.at + 1])
end
local function isEarlier(id, score, other, isNewestFirst)
  if score ~= other.score then
    return (score > other.score) == isNewestFirst
  end
  return isBelow(other.id, id) == isNewestFirst
end
local function takeFirst(parts)
  local best
  for i = 1, #parts do
    local part = parts[i]
    local id, score = peek(part)
    if id and (not best or isEarlier(id, score, best, part.isNewestFirst)) then
      best = { part = part, id = id, score = score, createdAt = part.items[part.at + 1] }
    end
  end
  if best then
    best.part.at = best.part.at + 2
  end
  return best
end
local function isMore(parts)
  for i = 1, #parts do
    if peek(parts[i]) then
      return true
    end
  end
  return false
end
local function readFields(id, ...)
  local names = { ... }
  local values = redis.call("HMGET", instanceKey(id), ...)
  local record = { id = id }
  for i = 1, #names do
    record[names[i]] = values[i]
  end
  return record
end
local function readSummary(id)
  return readFields(id, "status", "startedAt", "endedAt", "committedAt", "pausedAt", "nonce", "priority", "labels",
    "delayedUntil")
end
local function pushSummary(reply, record, createdAt)
  if not record.status then
    return false
  end
  local changedAt = math.max(tonumber(createdAt), tonumber(record.startedAt) or 0, tonumber(record.committedAt) or 0,
    tonumber(record.pausedAt) or 0, tonumber(record.endedAt) or 0)
  local item = { record.id, record.status, createdAt, record.startedAt, record.endedAt, changedAt, record.nonce,
    record.priority, record.labels, record.delayedUntil }
  for i = 1, #item do
    reply[#reply + 1] = item[i]
  end
  return true
end
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local statuses = item[1]
local limit = item[2]
local skip = item[3]
local afterCreatedAt = item[4]
local afterId = item[5]
local from = item[6]
local to = item[7]
local newestFirst = item[8]
local PASSED_OVER = 1000
local isNewestFirst = newestFirst == "1"
local size, skipped = tonumber(limit), tonumber(skip)
local range = { from = from, to = to, afterCreatedAt = afterCreatedAt, afterId = afterId, isNewestFirst = isNewestFirst }

local parts, total, available = {}, 0, 0
for i = 1, #statuses do
  parts[i] = partOf(statusKey(statuses[i]), range)
  total = total + parts[i].count
  available = available + math.max(0, parts[i].last - parts[i].first)
end

local function placeIn(part, score)
  return math.max(part.first, math.min(part.last, countBefore(part.key, score, isNewestFirst)))
end

local function countBeforeAll(score)
  local count = 0
  for i = 1, #parts do
    count = count + math.max(0, placeIn(parts[i], score) - parts[i].first)
  end
  return count
end

local function leaveOut(count)
  local low, high = 0, 99999999999999 -- as many digits as Lua writes out
  while high - low > 1 do
    local middle = math.floor((low + high) / 2)
    local isFar = countBeforeAll(middle) > count
    if isFar == isNewestFirst then low = middle else high = middle end
  end
  -- Newest first it is the lowest with so few before it, oldest first the highest.
  local score = isNewestFirst and high or low
  local rest = count - countBeforeAll(score)
  for i = 1, #parts do
    parts[i].first = placeIn(parts[i], score)
  end
  return rest
end

if available <= skipped then
  return { "page", total, "", "" }
end
local rest = skipped > 0 and leaveOut(skipped) or 0
local reply, last, count = { "page", total, "", "" }, nil, 0
for place = 1, rest + size + PASSED_OVER do
  local found = takeFirst(parts)
  if not found then
    break
  elseif place > rest then
    last = found
    count = count + (pushSummary(reply, readSummary(found.id), found.createdAt) and 1 or 0)
  end
  if count == size then
    break
  end
end
if last and isMore(parts) then
  reply[3], reply[4] = last.createdAt, last.id
end
return reply
end
return runBatch(run)
`,
};


export interface ListTokensArgs {
}

export const listTokens: Script<ListTokensArgs> = {
  name: "list-tokens",
  sha1: "9667fe25a97d6742e749eb92921c001d4b8eec57",
  encode: (args) => [],
  lua: `local tag = KEYS[1]
local tokensKey = tag .. ":tokens"
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local reply = redis.call("HGETALL", tokensKey)
table.insert(reply, 1, "tokens")
return reply
end
return runBatch(run)
`,
};


export interface LocateInstanceArgs {
  readonly id: ScriptValue;
}

export const locateInstance: Script<LocateInstanceArgs> = {
  name: "locate-instance",
  sha1: "b3fac26c2516fb82153cdb8b6506b38deaea9911",
  encode: (args) => [args.id],
  lua: `local tag = KEYS[1]
local function instanceKey(id) return tag .. ":i:" .. id end
local settingsKey = tag .. ":settings"
local pendingKey = tag .. ":pending"
local backlogKey = tag .. ":backlog"
local leasesKey = tag .. ":leases"
local timersKey = tag .. ":timers"
local function activeKey(schedule) return tag .. ":active:" .. schedule end
local function heldKey(schedule) return tag .. ":held:" .. schedule end
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local SUPPORTED_FORMAT = "1"
local function readFields(id, ...)
  local names = { ... }
  local values = redis.call("HMGET", instanceKey(id), ...)
  local record = { id = id }
  for i = 1, #names do
    record[names[i]] = values[i]
  end
  return record
end
local function parseFormat(record)
  local number, watchedUntil = string.match(record.format, "^(%d+) ?(%d*)\$")
  record.watchedUntil = tonumber(watchedUntil)
  return number or record.format
end
local function readRecord(id, ...)
  local record = readFields(id, "format", "status", ...)
  if record.format and record.format ~= SUPPORTED_FORMAT then
    local format = parseFormat(record)
    if tonumber(format) > tonumber(SUPPORTED_FORMAT) then
      error("NEWER_FORMAT " .. format .. " " .. SUPPORTED_FORMAT)
    end
  end
  return record
end
local slotLimit, feedUntil, outboxStatuses
local function readMark(mark)
  local watchedUntil, statuses = string.match(mark or "", "^(%d*) ?(.*)\$")
  feedUntil, outboxStatuses = tonumber(watchedUntil) or 0, statuses
end
local function readSettings()
  local fields = redis.call("HMGET", settingsKey, "concurrencyLimit", "mark")
  slotLimit = tonumber(fields[1] or 0)
  readMark(fields[2])
end
local function freeSlots()
  if not slotLimit then
    readSettings()
  end
  if slotLimit == 0 then
    return math.huge
  end
  return slotLimit - redis.call("ZCARD", pendingKey) - redis.call("ZCARD", leasesKey)
end
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local id = item[1]
local record = readRecord(id, "createdAt", "wakeUp", "fence", "worker", "startedAt", "endedAt", "pausedAt",
  "delayedUntil", "awaits", "schedule")
if not record.status then
  return { "missing" }
end

local places = { pending = pendingKey, backlog = backlogKey, leases = leasesKey, timers = timersKey,
  held = record.schedule and heldKey(record.schedule) }
local place, placedAt, ahead = "none", false, 0
for name, key in pairs(places) do
  local score = key and redis.call("ZSCORE", key, id)
  if score then
    place, placedAt, ahead = name, score, redis.call("ZRANK", key, id)
  end
end
local heldBy = place == "held" and redis.call("ZRANGE", activeKey(record.schedule), 0, 0)[1]
local free = freeSlots()
local taken = redis.call("ZCARD", pendingKey) + redis.call("ZCARD", leasesKey)
return { "located", now, record.status, record.createdAt, place, placedAt, ahead,
  free == math.huge and 0 or free + taken, taken, record.wakeUp, record.fence, record.worker, record.startedAt,
  record.endedAt, record.pausedAt, record.delayedUntil, record.awaits, heldBy }
end
return runBatch(run)
`,
};


export interface MarkBarrierArgs {
}

export const markBarrier: Script<MarkBarrierArgs> = {
  name: "mark-barrier",
  sha1: "a11e8983fac51dcf8d0e7c242efa2e0893b17c53",
  encode: (args) => [],
  lua: `local tag = KEYS[1]
local barrierKey = tag .. ":barrier"
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
redis.call("SET", barrierKey, "1")
return { "marked" }
end
return runBatch(run)
`,
};


export interface NoteDeliveryArgs {
  readonly id: ScriptValue;
  readonly text: ScriptValue;
  readonly keep: ScriptValue;
}

export const noteDelivery: Script<NoteDeliveryArgs> = {
  name: "note-delivery",
  sha1: "6d6b297ff943594bad5268ff688ea78cd5008a28",
  encode: (args) => [args.id, args.text, args.keep],
  lua: `local tag = KEYS[1]
local webhooksKey = tag .. ":webhooks"
local function deliveriesKey(id) return tag .. ":deliveries:" .. id end
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local id = item[1]
local text = item[2]
local keep = item[3]
if redis.call("HEXISTS", webhooksKey, id) == 0 then
  return { "missing" }
end
redis.call("LPUSH", deliveriesKey(id), text)
redis.call("LTRIM", deliveriesKey(id), 0, keep - 1)
return { "noted" }
end
return runBatch(run)
`,
};


export interface PageHistoryArgs {
  readonly id: ScriptValue;
  readonly from: ScriptValue;
  readonly limit: ScriptValue;
  readonly watchMs: ScriptValue;
}

export const pageHistory: Script<PageHistoryArgs> = {
  name: "page-history",
  sha1: "e96cbc1a99dafba5c9241b33b1065614a4d718ec",
  encode: (args) => [args.id, args.from, args.limit, args.watchMs],
  lua: `local tag = KEYS[1]
local function instanceKey(id) return tag .. ":i:" .. id end
local function historyKey(id) return tag .. ":h:" .. id end
local SUPPORTED_FORMAT = "1"
local function readFields(id, ...)
  local names = { ... }
  local values = redis.call("HMGET", instanceKey(id), ...)
  local record = { id = id }
  for i = 1, #names do
    record[names[i]] = values[i]
  end
  return record
end
local function parseFormat(record)
  local number, watchedUntil = string.match(record.format, "^(%d+) ?(%d*)\$")
  record.watchedUntil = tonumber(watchedUntil)
  return number or record.format
end
local function readRecord(id, ...)
  local record = readFields(id, "format", "status", ...)
  if record.format and record.format ~= SUPPORTED_FORMAT then
    local format = parseFormat(record)
    if tonumber(format) > tonumber(SUPPORTED_FORMAT) then
      error("NEWER_FORMAT " .. format .. " " .. SUPPORTED_FORMAT)
    end
  end
  return record
end
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function watch(id, watchMs)
  redis.call("HDEL", instanceKey(id), "watch")
  redis.call("HSET", instanceKey(id), "format", SUPPORTED_FORMAT .. " " .. (now + watchMs))
end
local function hasResult(status)
  return status == "complete" or status == "errored"
end
local FINISHED = { complete = true, errored = true, terminated = true }
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local items = cmsgpack.unpack(ARGV[1])
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local id = item[1]
local from = item[2]
local limit = item[3]
local watchMs = item[4]
local record = readRecord(id, "nonce", "baseline", "createdAt", "startedAt", "startedAfter")
if not record.status then
  return { "missing" }
elseif watchMs ~= "" and not FINISHED[record.status] then
  watch(id, watchMs)
end

local CHUNK, ENOUGH_BYTES = 16, 262144
local key = historyKey(id)
local length = redis.call("LLEN", key) - 1 - (hasResult(record.status) and 1 or 0)
-- Entry n of the history is at n in the list, after the params.
local last = math.min(from + limit, length)
local reply = { "page", record.nonce, record.baseline, record.createdAt, record.startedAt, record.startedAfter,
  tonumber(from) <= tonumber(record.startedAfter or 0) and redis.call("LINDEX", key, 0), length, false }
local size = 0
for first = from + 1, last, CHUNK do
  local chunk = redis.call("LRANGE", key, first, math.min(first + CHUNK - 1, last))
  for i = 1, #chunk do
    size = size + #chunk[i]
    reply[#reply + 1] = chunk[i]
  end
  if size >= ENOUGH_BYTES then
    break
  end
end
answerBytes = answerBytes + size
if from + #reply - 9 == length and hasResult(record.status) then
  reply[9] = redis.call("LINDEX", key, -1)
end
return reply
end
return runBatch(run)
`,
};


export interface PauseInstanceArgs {
  readonly id: ScriptValue;
}

export const pauseInstance: Script<PauseInstanceArgs> = {
  name: "pause-instance",
  sha1: "4eb71279cf68e1004c4e52fe62e39e8045dfd821",
  encode: (args) => [args.id],
  lua: `local tag = KEYS[1]
local function instanceKey(id) return tag .. ":i:" .. id end
local function historyKey(id) return tag .. ":h:" .. id end
local settingsKey = tag .. ":settings"
local pendingKey = tag .. ":pending"
local backlogKey = tag .. ":backlog"
local leasesKey = tag .. ":leases"
local timersKey = tag .. ":timers"
local outboxKey = tag .. ":outbox"
local expiryKey = tag .. ":expiry"
local function heldKey(schedule) return tag .. ":held:" .. schedule end
local function statusKey(status) return tag .. ":status:" .. status end
local feedChannel = tag .. ":feed"
local function historyChannel(id) return tag .. ":history:" .. id end
local function workerChannel(workerId) return tag .. ":worker:" .. workerId end
local SUPPORTED_FORMAT = "1"
local function readFields(id, ...)
  local names = { ... }
  local values = redis.call("HMGET", instanceKey(id), ...)
  local record = { id = id }
  for i = 1, #names do
    record[names[i]] = values[i]
  end
  return record
end
local function parseFormat(record)
  local number, watchedUntil = string.match(record.format, "^(%d+) ?(%d*)\$")
  record.watchedUntil = tonumber(watchedUntil)
  return number or record.format
end
local function readRecord(id, ...)
  local record = readFields(id, "format", "status", ...)
  if record.format and record.format ~= SUPPORTED_FORMAT then
    local format = parseFormat(record)
    if tonumber(format) > tonumber(SUPPORTED_FORMAT) then
      error("NEWER_FORMAT " .. format .. " " .. SUPPORTED_FORMAT)
    end
  end
  return record
end
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = now .. ""
local slotLimit, feedUntil, outboxStatuses
local function readMark(mark)
  local watchedUntil, statuses = string.match(mark or "", "^(%d*) ?(.*)\$")
  feedUntil, outboxStatuses = tonumber(watchedUntil) or 0, statuses
end
local function readSettings()
  local fields = redis.call("HMGET", settingsKey, "concurrencyLimit", "mark")
  slotLimit = tonumber(fields[1] or 0)
  readMark(fields[2])
end
local OUTBOX_LIMIT = 1000000
local function dropOldest()
  local count = redis.call("XTRIM", outboxKey, "MAXLEN", "~", OUTBOX_LIMIT)
  if count > 0 then
    local before = string.match(redis.call("HGET", settingsKey, "outboxLost") or "0", "^%d+")
    redis.call("HSET", settingsKey, "outboxLost", (tonumber(before) + count) .. " " .. stamp)
  end
end
local function tellStatus(id, status)
  if not feedUntil then
    readSettings()
  end
  if feedUntil >= now then
    redis.call("PUBLISH", feedChannel, status .. " " .. stamp .. " " .. id)
  end
  if outboxStatuses ~= "" and string.find(outboxStatuses, "," .. status .. ",", 1, true) then
    redis.call("XADD", outboxKey, "*", "change", status .. " " .. stamp .. " " .. id)
    if redis.call("XLEN", outboxKey) > OUTBOX_LIMIT then
      dropOldest()
    end
  end
end
local function moveTo(id, record, status, ...)
  if record.status ~= status then
    redis.call("ZREM", statusKey(record.status), id)
    redis.call("ZADD", statusKey(status), record.createdAt, id)
    tellStatus(id, status)
  end
  redis.call("HSET", instanceKey(id), "status", status, ...)
end
local function leavePlaces(id)
  redis.call("ZREM", pendingKey, id)
  redis.call("ZREM", backlogKey, id)
  redis.call("ZREM", leasesKey, id)
  redis.call("ZREM", timersKey, id)
  redis.call("ZREM", expiryKey, id)
end
local function isLeased(record)
  return record.status == "running" or record.status == "waitingForPause"
    -- One that rolls back is that in line and while it waits, too.
    or (record.status == "rollingBack" and redis.call("ZSCORE", leasesKey, record.id))
end
local function tellWorker(id, record, what)
  if isLeased(record) then
    redis.call("PUBLISH", workerChannel(record.worker), what .. " " .. record.fence .. " " .. id)
  end
end
local function tellWatchers(id, record)
  local watchedUntil = record.watchedUntil
  if watchedUntil and watchedUntil >= now then
    redis.call("PUBLISH", historyChannel(id), "changed")
  elseif watchedUntil then
    redis.call("HSET", instanceKey(id), "format", SUPPORTED_FORMAT)
  end
end
local MAX_PUSHED = 1000
local function push(id, items, from)
  local key = historyKey(id)
  for first = from, #items, MAX_PUSHED do
    redis.call("RPUSH", key, unpack(items, first, math.min(first + MAX_PUSHED - 1, #items)))
  end
end
local function append(id, record, entries, result)
  for i = 1, #entries do
    entries[i] = stamp .. entries[i]
  end
  entries[#entries + 1] = result
  push(id, entries, 1)
  if record.watchedUntil and #entries > 0 then
    tellWatchers(id, record)
  end
end
local function freeSlots()
  if not slotLimit then
    readSettings()
  end
  if slotLimit == 0 then
    return math.huge
  end
  return slotLimit - redis.call("ZCARD", pendingKey) - redis.call("ZCARD", leasesKey)
end
local function rankOf(record)
  return record.startedAt and 0 or tonumber(record.priority)
end
local function pushRequest(reply, id, wakeUp, rank)
  local length = #reply
  reply[length + 1], reply[length + 2], reply[length + 3] = id, wakeUp, rank
end
local MAX_ADMITTED = 1000
local function admitUpTo(reply, count)
  local admitted = redis.call("ZPOPMIN", backlogKey, math.min(count, MAX_ADMITTED))
  for i = 1, #admitted, 2 do
    local id = admitted[i]
    local record = readFields(id, "wakeUp", "startedAt", "priority")
    if record.wakeUp then
      redis.call("ZADD", pendingKey, stamp, id)
      pushRequest(reply, id, record.wakeUp, rankOf(record))
    end
  end
end
local function admit(reply)
  local free = freeSlots()
  if free > 0 and free < math.huge then
    admitUpTo(reply, free)
  end
  return reply
end
local items = cmsgpack.unpack(ARGV[1])
local function lineOf(id)
  return string.find(id, " ", 1, true) and redis.call("HGET", instanceKey(id), "schedule")
end
local function settleAsPaused(reply, id, record, ...)
  leavePlaces(id)
  if record.status == "queued" and lineOf(id) then
    -- One that is held leaves the line; one that is active blocks it.
    redis.call("ZREM", heldKey(lineOf(id)), id)
  end
  append(id, record, { '{"type":"workflow_paused"}' })
  moveTo(id, record, "paused", "pausedAt", stamp, "worker", "", "claimNonce", "", ...)
  return admit(reply)
end
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local id = item[1]
local record = readRecord(id, "fence", "worker", "createdAt")
if not record.status then
  return { "missing" }
elseif record.status == "running" then
  moveTo(id, record, "waitingForPause")
  tellWorker(id, record, "news")
elseif record.status == "queued" or record.status == "waiting" then
  return settleAsPaused({ "done" }, id, record)
end
return { "done" }
end
return runBatch(run)
`,
};


export interface PutSchedulesArgs {
  readonly digest: ScriptValue;
  readonly text: ScriptValue;
}

export const putSchedules: Script<PutSchedulesArgs> = {
  name: "put-schedules",
  sha1: "01a26ed402d941510131aca0ef47db87d9642fca",
  encode: (args) => [args.digest, args.text],
  lua: `local tag = KEYS[1]
local schedulesKey = tag .. ":schedules"
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = now .. ""
local function readSchedules()
  local fields = redis.call("HGETALL", schedulesKey)
  local known = { declared = {}, fired = {}, count = 0 }
  for i = 1, #fields, 2 do
    local kind, name = string.sub(fields[i], 1, 2), string.sub(fields[i], 3)
    if kind == "f:" then
      known.fired[name] = tonumber(fields[i + 1])
    elseif kind == "d:" then
      local first, heard, text = string.match(fields[i + 1], "^(%d+) (%d+) (.*)\$")
      known.declared[name] = { first = tonumber(first), heard = tonumber(heard), text = text }
      known.count = known.count + 1
    else
      known.digest = fields[i + 1]
    end
  end
  return known
end
local function keepDeclared(name, declaration)
  local text = string.format("%.0f %.0f %s", declaration.first, declaration.heard, declaration.text)
  redis.call("HSET", schedulesKey, "d:" .. name, text)
end
local function inForce(known, hasChanged)
  local declaration = known.declared[known.digest]
  local reply = { "schedules", now, known.digest or "", declaration and declaration.text or "[]",
    known.count, hasChanged and 1 or 0 }
  for key, firedUntil in pairs(known.fired) do
    reply[#reply + 1] = key
    reply[#reply + 1] = firedUntil
  end
  return reply
end
local function keepFired(known, newest, earliest)
  local fired = {}
  for name, declaration in pairs(known.declared) do
    for _, schedule in ipairs(cjson.decode(declaration.text)) do
      local key = schedule.key
      if name == newest then
        -- One that was in force before goes on where it was, unless that is long ago.
        fired[key] = known.fired[key] and math.max(known.fired[key], earliest) or now
        redis.call("HSET", schedulesKey, "f:" .. key, string.format("%.0f", fired[key]))
      end
      fired[key] = fired[key] or known.fired[key]
    end
  end
  for key in pairs(known.fired) do
    if not fired[key] then
      redis.call("HDEL", schedulesKey, "f:" .. key)
    end
  end
  return fired
end
local function isPut(name)
  return string.sub(name, 1, 4) == "put-"
end
local function isAnyPut(known)
  for name in pairs(known.declared) do
    if isPut(name) then
      return true
    end
  end
  return false
end
local WRONG_MS = 60000
local function firstOfNew(known)
  local first = now
  for _, declaration in pairs(known.declared) do
    first = math.max(first, declaration.first + 1)
  end
  return first
end
local function forgetFuture(known)
  for name, declaration in pairs(known.declared) do
    if declaration.heard > now and not isPut(name) then
      declaration.heard = now
      keepDeclared(name, declaration)
    end
  end
  for key, firedUntil in pairs(known.fired) do
    if firedUntil > now + WRONG_MS then
      known.fired[key] = now
      redis.call("HSET", schedulesKey, "f:" .. key, stamp)
    end
  end
end
local LIVE_MS = 60000
local REMEMBERED_MS = 86400000
local function newestOf(known)
  forgetFuture(known)
  local newest, isPut = nil, isAnyPut(known)
  for name, declaration in pairs(known.declared) do
    local best = newest and known.declared[newest]
    local isLater = not best or declaration.first > best.first
      or (declaration.first == best.first and name > newest)
    -- Code without schedules has nothing to say against those that were put there.
    local hasSay = not isPut or declaration.text ~= "[]"
    if now - declaration.heard <= LIVE_MS and hasSay and isLater then
      newest = name
    elseif now - declaration.heard > REMEMBERED_MS then
      redis.call("HDEL", schedulesKey, "d:" .. name)
      known.declared[name] = nil
      known.count = known.count - 1
    end
  end
  return newest
end
local function putInForce(known, newest)
  if newest == known.digest then
    return false
  end
  known.digest = newest
  redis.call("HDEL", schedulesKey, "digest")
  if newest then
    redis.call("HSET", schedulesKey, "digest", newest)
  end
  known.fired = keepFired(known, newest, now - LIVE_MS)
  return true
end
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local digest = item[1]
local text = item[2]
local FOR_EVER = 99999999999999 -- they are never repeated

local known = readSchedules()
for name in pairs(known.declared) do
  if isPut(name) then
    redis.call("HDEL", schedulesKey, "d:" .. name)
    known.declared[name] = nil
    known.count = known.count - 1
  end
end
if digest ~= "" then
  known.declared[digest] = { first = firstOfNew(known), heard = FOR_EVER, text = text }
  known.count = known.count + 1
  keepDeclared(digest, known.declared[digest])
end
return inForce(known, putInForce(known, newestOf(known)))
end
return runBatch(run)
`,
};


export interface PutTokenArgs {
  readonly id: ScriptValue;
  readonly text: ScriptValue;
}

export const putToken: Script<PutTokenArgs> = {
  name: "put-token",
  sha1: "03da629c42680940bdee76adb9ea3ef51f9a0371",
  encode: (args) => [args.id, args.text],
  lua: `local tag = KEYS[1]
local tokensKey = tag .. ":tokens"
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local id = item[1]
local text = item[2]
redis.call("HSET", tokensKey, id, text)
return { "kept" }
end
return runBatch(run)
`,
};


export interface PutWebhookArgs {
  readonly id: ScriptValue;
  readonly text: ScriptValue;
  readonly known: ScriptValue;
}

export const putWebhook: Script<PutWebhookArgs> = {
  name: "put-webhook",
  sha1: "87bd053498e6999acc1e0b55174e51c8281a081b",
  encode: (args) => [args.id, args.text, args.known],
  lua: `local tag = KEYS[1]
local webhooksKey = tag .. ":webhooks"
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local id = item[1]
local text = item[2]
local known = item[3]
if (redis.call("HGET", webhooksKey, id) or "") ~= known then
  return { "changed" }
end
redis.call("HSET", webhooksKey, id, text)
return { "kept" }
end
return runBatch(run)
`,
};


export interface ReadAuditArgs {
  readonly limit: ScriptValue;
  readonly before: ScriptValue;
}

export const readAudit: Script<ReadAuditArgs> = {
  name: "read-audit",
  sha1: "fb72ec5942a9c820db84c808651a1ffa9d8f6719",
  encode: (args) => [args.limit, args.before],
  lua: `local tag = KEYS[1]
local auditKey = tag .. ":audit"
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local limit = item[1]
local before = item[2]
local entries = redis.call("XREVRANGE", auditKey, before == "" and "+" or "(" .. before, "-", "COUNT", limit)
local reply = { "audit" }
for i = 1, #entries do
  reply[#reply + 1] = entries[i][1]
  reply[#reply + 1] = entries[i][2][2]
end
return reply
end
return runBatch(run)
`,
};


export interface ReadChunkArgs {
  readonly id: ScriptValue;
  readonly stream: ScriptValue;
  readonly index: ScriptValue;
}

export const readChunk: Script<ReadChunkArgs> = {
  name: "read-chunk",
  sha1: "120ff0c40947985c1ccb549a0c5682d6d03c8cb2",
  encode: (args) => [args.id, args.stream, args.index],
  lua: `local tag = KEYS[1]
local function streamsKey(id) return tag .. ":s:" .. id end
local function chunkField(stream, index)
  return stream .. "/" .. index
end
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local id = item[1]
local stream = item[2]
local index = item[3]
local bytes = redis.call("HGET", streamsKey(id), chunkField(stream, index))
return bytes and { "chunk", bytes } or { "missing" }
end
return runBatch(run)
`,
};


export interface ReadDeliveriesArgs {
  readonly id: ScriptValue;
  readonly limit: ScriptValue;
}

export const readDeliveries: Script<ReadDeliveriesArgs> = {
  name: "read-deliveries",
  sha1: "533cb2505aaf0bcb3cccf8b790de821bd10afffe",
  encode: (args) => [args.id, args.limit],
  lua: `local tag = KEYS[1]
local function deliveriesKey(id) return tag .. ":deliveries:" .. id end
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local id = item[1]
local limit = item[2]
local reply = redis.call("LRANGE", deliveriesKey(id), 0, limit - 1)
table.insert(reply, 1, "deliveries")
return reply
end
return runBatch(run)
`,
};


export interface ReadForgottenArgs {
}

export const readForgotten: Script<ReadForgottenArgs> = {
  name: "read-forgotten",
  sha1: "e76c04766f5c2e76c3742487779d01c203a371f2",
  encode: (args) => [],
  lua: `local tag = KEYS[1]
local forgottenKey = tag .. ":forgotten"
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local names = redis.call("ZRANGE", forgottenKey, 0, -1, "WITHSCORES")
local reply = { "forgotten" }
for i = 1, #names, 2 do
  reply[#reply + 1] = names[i]
  reply[#reply + 1] = now - tonumber(names[i + 1])
end
return reply
end
return runBatch(run)
`,
};


export interface ReadHistoryArgs {
  readonly id: ScriptValue;
}

export const readHistory: Script<ReadHistoryArgs> = {
  name: "read-history",
  sha1: "a31d1bc581bf846304f30c89eedf60be85d64b7f",
  encode: (args) => [args.id],
  lua: `local tag = KEYS[1]
local function instanceKey(id) return tag .. ":i:" .. id end
local function historyKey(id) return tag .. ":h:" .. id end
local SUPPORTED_FORMAT = "1"
local function readFields(id, ...)
  local names = { ... }
  local values = redis.call("HMGET", instanceKey(id), ...)
  local record = { id = id }
  for i = 1, #names do
    record[names[i]] = values[i]
  end
  return record
end
local function parseFormat(record)
  local number, watchedUntil = string.match(record.format, "^(%d+) ?(%d*)\$")
  record.watchedUntil = tonumber(watchedUntil)
  return number or record.format
end
local function readRecord(id, ...)
  local record = readFields(id, "format", "status", ...)
  if record.format and record.format ~= SUPPORTED_FORMAT then
    local format = parseFormat(record)
    if tonumber(format) > tonumber(SUPPORTED_FORMAT) then
      error("NEWER_FORMAT " .. format .. " " .. SUPPORTED_FORMAT)
    end
  end
  return record
end
local function hasResult(status)
  return status == "complete" or status == "errored"
end
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local id = item[1]
local record = readRecord(id)
local reply = redis.call("LRANGE", historyKey(id), 0, hasResult(record.status) and -2 or -1)
reply[1] = "history" -- where the params were
return reply
end
return runBatch(run)
`,
};


export interface ReadInstanceArgs {
  readonly id: ScriptValue;
}

export const readInstance: Script<ReadInstanceArgs> = {
  name: "read-instance",
  sha1: "ff2f8e37690f4f4fc4b78dde18abdda2f4f80560",
  encode: (args) => [args.id],
  lua: `local tag = KEYS[1]
local function instanceKey(id) return tag .. ":i:" .. id end
local function historyKey(id) return tag .. ":h:" .. id end
local SUPPORTED_FORMAT = "1"
local function readFields(id, ...)
  local names = { ... }
  local values = redis.call("HMGET", instanceKey(id), ...)
  local record = { id = id }
  for i = 1, #names do
    record[names[i]] = values[i]
  end
  return record
end
local function parseFormat(record)
  local number, watchedUntil = string.match(record.format, "^(%d+) ?(%d*)\$")
  record.watchedUntil = tonumber(watchedUntil)
  return number or record.format
end
local function readRecord(id, ...)
  local record = readFields(id, "format", "status", ...)
  if record.format and record.format ~= SUPPORTED_FORMAT then
    local format = parseFormat(record)
    if tonumber(format) > tonumber(SUPPORTED_FORMAT) then
      error("NEWER_FORMAT " .. format .. " " .. SUPPORTED_FORMAT)
    end
  end
  return record
end
local function hasResult(status)
  return status == "complete" or status == "errored"
end
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function weigh(text)
  answerBytes = answerBytes + (text and #text or 0)
  return text
end
local items = cmsgpack.unpack(ARGV[1])
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local id = item[1]
local record = readRecord(id, "priority", "createdAt", "startedAt", "endedAt", "wakeUp", "fence", "rollback", "nonce",
  "labels", "delayedUntil")
if not record.status then
  return { "missing" }
end
local key = historyKey(id)
return { "found", record.status, weigh(redis.call("LINDEX", key, 0)), record.priority, record.createdAt,
  record.startedAt, record.endedAt, hasResult(record.status) and weigh(redis.call("LINDEX", key, -1)),
  record.wakeUp, record.fence,
  -- How a rollback ended is said by the last entry but one.
  record.rollback == "ended" and redis.call("LINDEX", key, hasResult(record.status) and -3 or -2), record.nonce,
  record.labels, record.delayedUntil }
end
return runBatch(run)
`,
};


export interface ReadQueueArgs {
}

export const readQueue: Script<ReadQueueArgs> = {
  name: "read-queue",
  sha1: "ef033ab6cfd166a4b84571ffaab34984767fe1ea",
  encode: (args) => [],
  lua: `local tag = KEYS[1]
local function instanceKey(id) return tag .. ":i:" .. id end
local settingsKey = tag .. ":settings"
local pendingKey = tag .. ":pending"
local backlogKey = tag .. ":backlog"
local leasesKey = tag .. ":leases"
local schedulesKey = tag .. ":schedules"
local function heldKey(schedule) return tag .. ":held:" .. schedule end
local function statusKey(status) return tag .. ":status:" .. status end
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function readSchedules()
  local fields = redis.call("HGETALL", schedulesKey)
  local known = { declared = {}, fired = {}, count = 0 }
  for i = 1, #fields, 2 do
    local kind, name = string.sub(fields[i], 1, 2), string.sub(fields[i], 3)
    if kind == "f:" then
      known.fired[name] = tonumber(fields[i + 1])
    elseif kind == "d:" then
      local first, heard, text = string.match(fields[i + 1], "^(%d+) (%d+) (.*)\$")
      known.declared[name] = { first = tonumber(first), heard = tonumber(heard), text = text }
      known.count = known.count + 1
    else
      known.digest = fields[i + 1]
    end
  end
  return known
end
local slotLimit, feedUntil, outboxStatuses
local function readMark(mark)
  local watchedUntil, statuses = string.match(mark or "", "^(%d*) ?(.*)\$")
  feedUntil, outboxStatuses = tonumber(watchedUntil) or 0, statuses
end
local function readSettings()
  local fields = redis.call("HMGET", settingsKey, "concurrencyLimit", "mark")
  slotLimit = tonumber(fields[1] or 0)
  readMark(fields[2])
end
local function freeSlots()
  if not slotLimit then
    readSettings()
  end
  if slotLimit == 0 then
    return math.huge
  end
  return slotLimit - redis.call("ZCARD", pendingKey) - redis.call("ZCARD", leasesKey)
end
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local FIRST = 20 -- looked at of each line
local MANY = 100 -- of those that roll back are counted one by one

local function countIn(key, ids)
  local count = 0
  for i = 1, #ids do
    count = count + (redis.call("ZSCORE", key, ids[i]) and 1 or 0)
  end
  return count
end

local pending, backlog = redis.call("ZCARD", pendingKey), redis.call("ZCARD", backlogKey)
local active, held = redis.call("ZCARD", leasesKey), 0
for key in pairs(readSchedules().fired) do
  held = held + redis.call("ZCARD", heldKey(key))
end
-- Those that roll back are in the same lines, and are not \`queued\`.
local undoing = redis.call("ZRANGE", statusKey("rollingBack"), 0, MANY - 1)
local queued = redis.call("ZCARD", statusKey("queued")) + countIn(pendingKey, undoing) + countIn(backlogKey, undoing)

local oldest = false
for _, key in ipairs({ pendingKey, backlogKey }) do
  local first = redis.call("ZRANGE", key, 0, FIRST - 1)
  for i = 1, #first do
    local wakeUp = redis.call("HGET", instanceKey(first[i]), "wakeUp")
    if wakeUp and (not oldest or tonumber(wakeUp) < tonumber(oldest)) then
      oldest = wakeUp
    end
  end
end
local free = freeSlots()
return { "queue", now, free == math.huge and 0 or free + pending + active, active, pending, backlog,
  math.max(0, queued - pending - backlog - held), held, oldest }
end
return runBatch(run)
`,
};


export interface ReadReportsArgs {
  readonly workflow: ScriptValue;
}

export const readReports: Script<ReadReportsArgs> = {
  name: "read-reports",
  sha1: "1e3dcc9b738a3edc3b5d34b3aa0d634a977f5f17",
  encode: (args) => [args.workflow],
  lua: `local tag = KEYS[1]
local jobsKey = tag .. ":jobs"
local function reportsKey(workflow) return tag .. ":reports:" .. workflow end
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local workflow = item[1]
return { "reports", redis.call("HGETALL", jobsKey), redis.call("HGETALL", reportsKey(workflow)) }
end
return runBatch(run)
`,
};


export interface ReadSchedulesArgs {
}

export const readSchedules: Script<ReadSchedulesArgs> = {
  name: "read-schedules",
  sha1: "d6c1708b320a32d42bc91fe6252a201292f6b98f",
  encode: (args) => [],
  lua: `local tag = KEYS[1]
local schedulesKey = tag .. ":schedules"
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function readSchedules()
  local fields = redis.call("HGETALL", schedulesKey)
  local known = { declared = {}, fired = {}, count = 0 }
  for i = 1, #fields, 2 do
    local kind, name = string.sub(fields[i], 1, 2), string.sub(fields[i], 3)
    if kind == "f:" then
      known.fired[name] = tonumber(fields[i + 1])
    elseif kind == "d:" then
      local first, heard, text = string.match(fields[i + 1], "^(%d+) (%d+) (.*)\$")
      known.declared[name] = { first = tonumber(first), heard = tonumber(heard), text = text }
      known.count = known.count + 1
    else
      known.digest = fields[i + 1]
    end
  end
  return known
end
local function inForce(known, hasChanged)
  local declaration = known.declared[known.digest]
  local reply = { "schedules", now, known.digest or "", declaration and declaration.text or "[]",
    known.count, hasChanged and 1 or 0 }
  for key, firedUntil in pairs(known.fired) do
    reply[#reply + 1] = key
    reply[#reply + 1] = firedUntil
  end
  return reply
end
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
return inForce(readSchedules())
end
return runBatch(run)
`,
};


export interface ReadTokenArgs {
  readonly id: ScriptValue;
}

export const readToken: Script<ReadTokenArgs> = {
  name: "read-token",
  sha1: "0c6e7f961da0fdb388f8682b37d3ba5fdf49fe93",
  encode: (args) => [args.id],
  lua: `local tag = KEYS[1]
local tokensKey = tag .. ":tokens"
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local id = item[1]
return { "token", redis.call("HGET", tokensKey, id) }
end
return runBatch(run)
`,
};


export interface ReadWebhooksArgs {
  readonly ids: readonly ScriptValue[];
}

export const readWebhooks: Script<ReadWebhooksArgs> = {
  name: "read-webhooks",
  sha1: "0f1f28e1a1c10683b7fbb58538e94b797e37b2ab",
  encode: (args) => [args.ids],
  lua: `local tag = KEYS[1]
local webhooksKey = tag .. ":webhooks"
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local ids = item[1]
local reply = { "webhooks" }
local texts = ids[1] and redis.call("HMGET", webhooksKey, unpack(ids)) or redis.call("HVALS", webhooksKey)
for i = 1, #texts do
  if texts[i] then
    reply[#reply + 1] = texts[i]
  end
end
return reply
end
return runBatch(run)
`,
};


export interface ReadWorkersArgs {
  readonly limit: ScriptValue;
}

export const readWorkers: Script<ReadWorkersArgs> = {
  name: "read-workers",
  sha1: "e546690d85c3aa067f3f00e307472988cc8f02e5",
  encode: (args) => [args.limit],
  lua: `local tag = KEYS[1]
local workersKey = tag .. ":workers"
local function presenceKey(worker) return tag .. ":presence:" .. worker end
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = now .. ""
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local limit = item[1]
local workers = redis.call("ZRANGEBYSCORE", workersKey, stamp, "+inf", "LIMIT", 0, limit)
local reply = { "workers" }
for i = 1, #workers do
  local text = redis.call("GET", presenceKey(workers[i]))
  if text then
    reply[#reply + 1] = text
  end
end
return reply
end
return runBatch(run)
`,
};


export interface ReadWorkflowsArgs {
  readonly names: readonly ScriptValue[];
}

export const readWorkflows: Script<ReadWorkflowsArgs> = {
  name: "read-workflows",
  sha1: "36551c866cafab3109b9781d58d89f71aabc157c",
  encode: (args) => [args.names],
  lua: `local tag = KEYS[1]
local workflowsKey = tag .. ":workflows"
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local names = item[1]
if not names[1] then
  local reply = redis.call("HGETALL", workflowsKey)
  table.insert(reply, 1, "workflows")
  return reply
end
local reply = { "workflows" }
for i = 1, #names do
  local record = redis.call("HGET", workflowsKey, names[i])
  if record then
    reply[#reply + 1] = names[i]
    reply[#reply + 1] = record
  end
end
return reply
end
return runBatch(run)
`,
};


export interface ReassertHistoryArgs {
  readonly id: ScriptValue;
  readonly fence: ScriptValue;
  readonly unused: ScriptValue;
  readonly createdAt: ScriptValue;
  readonly ageMs: ScriptValue;
  readonly lastEvent: ScriptValue;
  readonly lastEventAt: ScriptValue;
  readonly known: ScriptValue;
  readonly consumers: readonly ScriptValue[];
  readonly consumed: readonly ScriptValue[];
  readonly keepers: readonly ScriptValue[];
  readonly streams: readonly ScriptValue[];
  readonly sizes: readonly ScriptValue[];
  readonly held: readonly ScriptValue[];
}

export const reassertHistory: Script<ReassertHistoryArgs> = {
  name: "reassert-history",
  sha1: "a6dd04929822a13e537a9b0d761b528d605b4655",
  encode: (args) => [args.id, args.fence, args.unused, args.createdAt, args.ageMs, args.lastEvent, args.lastEventAt, args.known, args.consumers, args.consumed, args.keepers, args.streams, args.sizes, args.held],
  lua: `local tag = KEYS[1]
local function instanceKey(id) return tag .. ":i:" .. id end
local function historyKey(id) return tag .. ":h:" .. id end
local function eventsKey(id) return tag .. ":e:" .. id end
local function streamsKey(id) return tag .. ":s:" .. id end
local sequenceKey = tag .. ":sequence"
local positionKey = tag .. ":position"
local settingsKey = tag .. ":settings"
local pendingKey = tag .. ":pending"
local backlogKey = tag .. ":backlog"
local leasesKey = tag .. ":leases"
local timersKey = tag .. ":timers"
local openStreamsKey = tag .. ":streams"
local outboxKey = tag .. ":outbox"
local expiryKey = tag .. ":expiry"
local deletedKey = tag .. ":deleted"
local function activeKey(schedule) return tag .. ":active:" .. schedule end
local function heldKey(schedule) return tag .. ":held:" .. schedule end
local function statusKey(status) return tag .. ":status:" .. status end
local feedChannel = tag .. ":feed"
local function historyChannel(id) return tag .. ":history:" .. id end
local function workerChannel(workerId) return tag .. ":worker:" .. workerId end
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = now .. ""
local SUPPORTED_FORMAT = "1"
local function readFields(id, ...)
  local names = { ... }
  local values = redis.call("HMGET", instanceKey(id), ...)
  local record = { id = id }
  for i = 1, #names do
    record[names[i]] = values[i]
  end
  return record
end
local function parseFormat(record)
  local number, watchedUntil = string.match(record.format, "^(%d+) ?(%d*)\$")
  record.watchedUntil = tonumber(watchedUntil)
  return number or record.format
end
local function readRecord(id, ...)
  local record = readFields(id, "format", "status", ...)
  if record.format and record.format ~= SUPPORTED_FORMAT then
    local format = parseFormat(record)
    if tonumber(format) > tonumber(SUPPORTED_FORMAT) then
      error("NEWER_FORMAT " .. format .. " " .. SUPPORTED_FORMAT)
    end
  end
  return record
end
local function tellWatchers(id, record)
  local watchedUntil = record.watchedUntil
  if watchedUntil and watchedUntil >= now then
    redis.call("PUBLISH", historyChannel(id), "changed")
  elseif watchedUntil then
    redis.call("HSET", instanceKey(id), "format", SUPPORTED_FORMAT)
  end
end
local function noteStart(id, record, entries)
  if entries > 0 then
    redis.call("HSET", instanceKey(id), "startedAfter", entries)
  end
  tellWatchers(id, record)
end
local MAX_PUSHED = 1000
local function push(id, items, from)
  local key = historyKey(id)
  for first = from, #items, MAX_PUSHED do
    redis.call("RPUSH", key, unpack(items, first, math.min(first + MAX_PUSHED - 1, #items)))
  end
end
local function append(id, record, entries, result)
  for i = 1, #entries do
    entries[i] = stamp .. entries[i]
  end
  entries[#entries + 1] = result
  push(id, entries, 1)
  if record.watchedUntil and #entries > 0 then
    tellWatchers(id, record)
  end
end
local function hasResult(status)
  return status == "complete" or status == "errored"
end
local IDS_PER_ENTRY = 32
local function takeIds(id, record, entries)
  local lastId = tonumber(record.lastId or 0) + IDS_PER_ENTRY * entries
  redis.call("HSET", instanceKey(id), "lastId", lastId)
  return lastId
end
local function retakeIds(id, record, items, from)
  local before = tonumber(record.lastId or 0)
  local lastId = before
  for i = from, #items do
    local taken = string.match(items[i], '^%d+{"type":"[%a_]+","lastId":(%d+)}\$')
    local known = string.match(items[i], '^%d+{"type":"history_lost","known":(%d+),')
    if taken then
      lastId = math.max(lastId, tonumber(taken))
    elseif known then
      lastId = lastId + IDS_PER_ENTRY * (known + 1)
    end
  end
  if lastId > before then
    redis.call("HSET", instanceKey(id), "lastId", lastId)
  end
end
local slotLimit, feedUntil, outboxStatuses
local function readMark(mark)
  local watchedUntil, statuses = string.match(mark or "", "^(%d*) ?(.*)\$")
  feedUntil, outboxStatuses = tonumber(watchedUntil) or 0, statuses
end
local function readSettings()
  local fields = redis.call("HMGET", settingsKey, "concurrencyLimit", "mark")
  slotLimit = tonumber(fields[1] or 0)
  readMark(fields[2])
end
local OUTBOX_LIMIT = 1000000
local function dropOldest()
  local count = redis.call("XTRIM", outboxKey, "MAXLEN", "~", OUTBOX_LIMIT)
  if count > 0 then
    local before = string.match(redis.call("HGET", settingsKey, "outboxLost") or "0", "^%d+")
    redis.call("HSET", settingsKey, "outboxLost", (tonumber(before) + count) .. " " .. stamp)
  end
end
local function tellStatus(id, status)
  if not feedUntil then
    readSettings()
  end
  if feedUntil >= now then
    redis.call("PUBLISH", feedChannel, status .. " " .. stamp .. " " .. id)
  end
  if outboxStatuses ~= "" and string.find(outboxStatuses, "," .. status .. ",", 1, true) then
    redis.call("XADD", outboxKey, "*", "change", status .. " " .. stamp .. " " .. id)
    if redis.call("XLEN", outboxKey) > OUTBOX_LIMIT then
      dropOldest()
    end
  end
end
local function moveTo(id, record, status, ...)
  if record.status ~= status then
    redis.call("ZREM", statusKey(record.status), id)
    redis.call("ZADD", statusKey(status), record.createdAt, id)
    tellStatus(id, status)
  end
  redis.call("HSET", instanceKey(id), "status", status, ...)
end
local function underWay(record, where)
  return record.status == "rollingBack" and record.status or where
end
local function leavePlaces(id)
  redis.call("ZREM", pendingKey, id)
  redis.call("ZREM", backlogKey, id)
  redis.call("ZREM", leasesKey, id)
  redis.call("ZREM", timersKey, id)
  redis.call("ZREM", expiryKey, id)
end
local FINISHED = { complete = true, errored = true, terminated = true }
local function freeSlots()
  if not slotLimit then
    readSettings()
  end
  if slotLimit == 0 then
    return math.huge
  end
  return slotLimit - redis.call("ZCARD", pendingKey) - redis.call("ZCARD", leasesKey)
end
local function rankOf(record)
  return record.startedAt and 0 or tonumber(record.priority)
end
local function pushRequest(reply, id, wakeUp, rank)
  local length = #reply
  reply[length + 1], reply[length + 2], reply[length + 3] = id, wakeUp, rank
end
local items = cmsgpack.unpack(ARGV[1])
local lastDrawn, lastReserved = 0, 0
local function reserveNumbers()
  local drawn, mark = string.match(redis.call("GET", sequenceKey) or "0", "^(%d+)(.*)\$")
  readMark(string.sub(mark, 2))
  local last = math.max(lastDrawn, tonumber(drawn))
  local first = math.max(last + 1, time[1] * 1000000 + time[2])
  redis.call("SET", sequenceKey, string.format("%.0f", first + #items - 1) .. mark)
  lastDrawn, lastReserved = first - 1, first + #items - 1
end
local function drawNumber()
  if lastDrawn == lastReserved then
    reserveNumbers()
  end
  lastDrawn = lastDrawn + 1
  return lastDrawn
end
local function enqueue(reply, id, rank, hasSlot)
  local wakeUp = drawNumber()
  if hasSlot or freeSlots() > 0 then
    redis.call("ZADD", pendingKey, stamp, id)
    pushRequest(reply, id, wakeUp, rank)
  else
    -- Rank first, then first come: 21 bits and 32 bits fill the 53 of a score.
    local position = redis.call("INCR", positionKey) % 4294967296
    redis.call("ZADD", backlogKey, rank * 4294967296 + position, id)
  end
  return wakeUp
end
local function putOff(id, record, delayedUntil)
  redis.call("ZADD", timersKey, delayedUntil, id)
  moveTo(id, record, underWay(record, "queued"), "delayedUntil", delayedUntil, "worker", "", "claimNonce", "")
end
local function makeRunnable(reply, id, record, hasSlot)
  local wakeUp = enqueue(reply, id, rankOf(record), hasSlot)
  moveTo(id, record, underWay(record, "queued"), "wakeUp", wakeUp, "worker", "", "claimNonce", "")
  return reply
end
local function isLeased(record)
  return record.status == "running" or record.status == "waitingForPause"
    -- One that rolls back is that in line and while it waits, too.
    or (record.status == "rollingBack" and redis.call("ZSCORE", leasesKey, record.id))
end
local function tellWorker(id, record, what)
  if isLeased(record) then
    redis.call("PUBLISH", workerChannel(record.worker), what .. " " .. record.fence .. " " .. id)
  end
end
local MAX_ADMITTED = 1000
local function admitUpTo(reply, count)
  local admitted = redis.call("ZPOPMIN", backlogKey, math.min(count, MAX_ADMITTED))
  for i = 1, #admitted, 2 do
    local id = admitted[i]
    local record = readFields(id, "wakeUp", "startedAt", "priority")
    if record.wakeUp then
      redis.call("ZADD", pendingKey, stamp, id)
      pushRequest(reply, id, record.wakeUp, rankOf(record))
    end
  end
end
local function admit(reply)
  local free = freeSlots()
  if free > 0 and free < math.huge then
    admitUpTo(reply, free)
  end
  return reply
end
local function lineOf(id)
  return string.find(id, " ", 1, true) and redis.call("HGET", instanceKey(id), "schedule")
end
local function exitLine(id, line)
  if line then
    redis.call("ZREM", activeKey(line), id)
    redis.call("ZREM", heldKey(line), id)
  end
end
local function settleAsPaused(reply, id, record, ...)
  leavePlaces(id)
  if record.status == "queued" and lineOf(id) then
    -- One that is held leaves the line; one that is active blocks it.
    redis.call("ZREM", heldKey(lineOf(id)), id)
  end
  append(id, record, { '{"type":"workflow_paused"}' })
  moveTo(id, record, "paused", "pausedAt", stamp, "worker", "", "claimNonce", "", ...)
  return admit(reply)
end
local KEPT_MS = 60000
local function forgetDeleted()
  redis.call("ZREMRANGEBYSCORE", deletedKey, "-inf", "(" .. (now - KEPT_MS))
end
local function mayBeDeleted(id, createdAt, fence, ageMs)
  local deletedAt = redis.call("ZSCORE", deletedKey, id)
  local wasDeleted = deletedAt and tonumber(deletedAt) >= (tonumber(createdAt) or 0)
  local drawn = string.match(redis.call("GET", sequenceKey) or "0", "^%d+")
  local isBehind = tonumber(drawn) < tonumber(fence)
  return wasDeleted or (not isBehind and tonumber(ageMs) >= KEPT_MS)
end
local function renumberEvents(id, record, lastEvent, lastEventAt)
  local last = math.max(lastEvent, tonumber(record.eventSeq or 0))
  local key = eventsKey(id)
  local events = lastEvent > 0 and redis.call("HGETALL", key) or {}
  local reused = {}
  for i = 1, #events, 2 do
    local at = tonumber(string.match(events[i + 1], "^%d+"))
    if tonumber(events[i]) <= lastEvent and at > lastEventAt then
      reused[#reused + 1] = { tonumber(events[i]), events[i + 1] }
    end
  end
  table.sort(reused, function(a, b) return a[1] < b[1] end)
  for i = 1, #reused do
    last = last + 1
    redis.call("HDEL", key, reused[i][1])
    redis.call("HSET", key, last, reused[i][2])
  end
  if last > tonumber(record.eventSeq or 0) then
    redis.call("HSET", instanceKey(id), "eventSeq", last)
    tellWorker(id, record, "news")
  end
end
local function retakeEvents(id, events)
  local count = {}
  for i = 1, #events do
    count[events[i]] = (count[events[i]] or 0) + 1
  end
  local key = eventsKey(id)
  local buffered = #events > 0 and redis.call("HGETALL", key) or {}
  local found = {}
  for i = 1, #buffered, 2 do
    if count[buffered[i + 1]] then
      found[#found + 1] = { tonumber(buffered[i]), buffered[i + 1] }
    end
  end
  -- Of several that are alike in everything else, the first was taken first.
  table.sort(found, function(a, b) return a[1] < b[1] end)
  for i = 1, #found do
    local event = found[i][2]
    if count[event] > 0 then
      redis.call("HDEL", key, found[i][1])
      count[event] = count[event] - 1
    end
  end
end
local function parseSize(text)
  local chunks, bytes = string.match(text or "0 0", "^(%d+) (%d+)\$")
  return tonumber(chunks), tonumber(bytes)
end
local function keepStreams(id, streams, sizes)
  local key, total = streamsKey(id), 0
  for i = 1, #streams do
    local _, bytes = parseSize(sizes[i])
    if redis.call("ZREM", openStreamsKey, streams[i] .. " " .. id) == 1 then
      total = total + bytes
    end
  end
  if total > 0 then
    redis.call("HINCRBY", key, "kept", total)
    redis.call("HINCRBY", key, "open", -total)
  end
end
local function beginsRollback(items, from)
  for i = from, #items do
    local type = string.match(items[i], '^%d+{"type":"rollback_(%a+)"')
    if type == "requested" or type == "started" then
      return true
    end
  end
  return false
end
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local id = item[1]
local fence = item[2]
local unused = item[3]
local createdAt = item[4]
local ageMs = item[5]
local lastEvent = item[6]
local lastEventAt = item[7]
local known = item[8]
local consumers = item[9]
local consumed = item[10]
local keepers = item[11]
local streams = item[12]
local sizes = item[13]
local held = item[14]
local record = readRecord(id, "fence", "createdAt", "baseline", "flag", "worker", "startedAt", "priority", "eventSeq", "lastId")
local status = record.status

if not status or (createdAt ~= "" and record.createdAt ~= createdAt) then
  -- This write is refused by a replica, which may just not have got the instance yet.
  forgetDeleted()
  return { mayBeDeleted(id, createdAt, fence, ageMs) and "kept" or "missing" }
elseif record.baseline and tonumber(record.baseline) > tonumber(fence) then
  -- Restarted or flagged since: what was known before is no measure any more.
  local flaggedFence, lost = string.match(record.flag or "", "^(%d+) (%d+)\$")
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
  redis.call("ZADD", activeKey(line), string.match(id, "%d+\$"), id)
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
end
return runBatch(run)
`,
};


export interface RedispatchPendingArgs {
  readonly olderThanMs: ScriptValue;
  readonly limit: ScriptValue;
}

export const redispatchPending: Script<RedispatchPendingArgs> = {
  name: "redispatch-pending",
  sha1: "ea507ad2d8ad866c39f1094225c4099d771be8ad",
  encode: (args) => [args.olderThanMs, args.limit],
  lua: `local tag = KEYS[1]
local function instanceKey(id) return tag .. ":i:" .. id end
local settingsKey = tag .. ":settings"
local pendingKey = tag .. ":pending"
local backlogKey = tag .. ":backlog"
local leasesKey = tag .. ":leases"
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = now .. ""
local function readFields(id, ...)
  local names = { ... }
  local values = redis.call("HMGET", instanceKey(id), ...)
  local record = { id = id }
  for i = 1, #names do
    record[names[i]] = values[i]
  end
  return record
end
local slotLimit, feedUntil, outboxStatuses
local function readMark(mark)
  local watchedUntil, statuses = string.match(mark or "", "^(%d*) ?(.*)\$")
  feedUntil, outboxStatuses = tonumber(watchedUntil) or 0, statuses
end
local function readSettings()
  local fields = redis.call("HMGET", settingsKey, "concurrencyLimit", "mark")
  slotLimit = tonumber(fields[1] or 0)
  readMark(fields[2])
end
local function freeSlots()
  if not slotLimit then
    readSettings()
  end
  if slotLimit == 0 then
    return math.huge
  end
  return slotLimit - redis.call("ZCARD", pendingKey) - redis.call("ZCARD", leasesKey)
end
local function rankOf(record)
  return record.startedAt and 0 or tonumber(record.priority)
end
local function pushRequest(reply, id, wakeUp, rank)
  local length = #reply
  reply[length + 1], reply[length + 2], reply[length + 3] = id, wakeUp, rank
end
local MAX_ADMITTED = 1000
local function admitUpTo(reply, count)
  local admitted = redis.call("ZPOPMIN", backlogKey, math.min(count, MAX_ADMITTED))
  for i = 1, #admitted, 2 do
    local id = admitted[i]
    local record = readFields(id, "wakeUp", "startedAt", "priority")
    if record.wakeUp then
      redis.call("ZADD", pendingKey, stamp, id)
      pushRequest(reply, id, record.wakeUp, rankOf(record))
    end
  end
end
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local olderThanMs = item[1]
local limit = item[2]
local FEW_PENDING, MS_PER_PENDING = 1000, 5
local reply = { "pending" }
-- Most of a long queue just waits for a worker: the longer it is, the less often it is looked through.
local crowd = math.max(0, redis.call("ZCARD", pendingKey) - FEW_PENDING)
local patience = olderThanMs + crowd * MS_PER_PENDING
local late = redis.call("ZRANGEBYSCORE", pendingKey, "-inf", now - patience, "LIMIT", 0, limit)
for i = 1, #late do
  local id = late[i]
  local record = readFields(id, "wakeUp", "startedAt", "priority")
  if record.wakeUp then
    redis.call("ZADD", pendingKey, stamp, id)
    pushRequest(reply, id, record.wakeUp, rankOf(record))
  else
    redis.call("ZREM", pendingKey, id)
  end
end
local free = freeSlots()
if free > 0 then
  admitUpTo(reply, free)
end
return reply
end
return runBatch(run)
`,
};


export interface ReleaseInstanceArgs {
  readonly id: ScriptValue;
  readonly fence: ScriptValue;
  readonly commit: ScriptValue;
  readonly after: ScriptValue;
  readonly consumed: readonly ScriptValue[];
  readonly entries: readonly ScriptValue[];
}

export const releaseInstance: Script<ReleaseInstanceArgs> = {
  name: "release-instance",
  sha1: "cea4de6c733e2d294d532a10baedefeaae0ecfe1",
  encode: (args) => [args.id, args.fence, args.commit, args.after, args.consumed, args.entries],
  lua: `local tag = KEYS[1]
local function instanceKey(id) return tag .. ":i:" .. id end
local function historyKey(id) return tag .. ":h:" .. id end
local function eventsKey(id) return tag .. ":e:" .. id end
local sequenceKey = tag .. ":sequence"
local positionKey = tag .. ":position"
local settingsKey = tag .. ":settings"
local pendingKey = tag .. ":pending"
local backlogKey = tag .. ":backlog"
local leasesKey = tag .. ":leases"
local timersKey = tag .. ":timers"
local outboxKey = tag .. ":outbox"
local expiryKey = tag .. ":expiry"
local function heldKey(schedule) return tag .. ":held:" .. schedule end
local function statusKey(status) return tag .. ":status:" .. status end
local feedChannel = tag .. ":feed"
local function historyChannel(id) return tag .. ":history:" .. id end
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = now .. ""
local SUPPORTED_FORMAT = "1"
local function readFields(id, ...)
  local names = { ... }
  local values = redis.call("HMGET", instanceKey(id), ...)
  local record = { id = id }
  for i = 1, #names do
    record[names[i]] = values[i]
  end
  return record
end
local function parseFormat(record)
  local number, watchedUntil = string.match(record.format, "^(%d+) ?(%d*)\$")
  record.watchedUntil = tonumber(watchedUntil)
  return number or record.format
end
local function readRecord(id, ...)
  local record = readFields(id, "format", "status", ...)
  if record.format and record.format ~= SUPPORTED_FORMAT then
    local format = parseFormat(record)
    if tonumber(format) > tonumber(SUPPORTED_FORMAT) then
      error("NEWER_FORMAT " .. format .. " " .. SUPPORTED_FORMAT)
    end
  end
  return record
end
local function isLeased(record)
  return record.status == "running" or record.status == "waitingForPause"
    -- One that rolls back is that in line and while it waits, too.
    or (record.status == "rollingBack" and redis.call("ZSCORE", leasesKey, record.id))
end
local function judge(record, fence, commit, after)
  if record.fence ~= fence or tonumber(record.commit) < tonumber(after) then
    return "stale"
  elseif tonumber(commit) <= tonumber(record.commit) then
    return "repeat"
  end
  return isLeased(record) and "current" or "stale"
end
local function judgeEnding(record, fence, commit, after)
  local judged = judge(record, fence, commit, after)
  if judged == "repeat" and isLeased(record) then
    error("Write " .. commit .. " ends its activation under a number that another write has used")
  elseif judged == "repeat" and record.commit ~= commit then
    return "stale"
  end
  return judged
end
local function tellWatchers(id, record)
  local watchedUntil = record.watchedUntil
  if watchedUntil and watchedUntil >= now then
    redis.call("PUBLISH", historyChannel(id), "changed")
  elseif watchedUntil then
    redis.call("HSET", instanceKey(id), "format", SUPPORTED_FORMAT)
  end
end
local MAX_PUSHED = 1000
local function push(id, items, from)
  local key = historyKey(id)
  for first = from, #items, MAX_PUSHED do
    redis.call("RPUSH", key, unpack(items, first, math.min(first + MAX_PUSHED - 1, #items)))
  end
end
local function append(id, record, entries, result)
  for i = 1, #entries do
    entries[i] = stamp .. entries[i]
  end
  entries[#entries + 1] = result
  push(id, entries, 1)
  if record.watchedUntil and #entries > 0 then
    tellWatchers(id, record)
  end
end
local function consume(id, events)
  local key = eventsKey(id)
  for i = 1, #events do
    redis.call("HDEL", key, events[i])
  end
end
local slotLimit, feedUntil, outboxStatuses
local function readMark(mark)
  local watchedUntil, statuses = string.match(mark or "", "^(%d*) ?(.*)\$")
  feedUntil, outboxStatuses = tonumber(watchedUntil) or 0, statuses
end
local function readSettings()
  local fields = redis.call("HMGET", settingsKey, "concurrencyLimit", "mark")
  slotLimit = tonumber(fields[1] or 0)
  readMark(fields[2])
end
local function freeSlots()
  if not slotLimit then
    readSettings()
  end
  if slotLimit == 0 then
    return math.huge
  end
  return slotLimit - redis.call("ZCARD", pendingKey) - redis.call("ZCARD", leasesKey)
end
local function rankOf(record)
  return record.startedAt and 0 or tonumber(record.priority)
end
local function pushRequest(reply, id, wakeUp, rank)
  local length = #reply
  reply[length + 1], reply[length + 2], reply[length + 3] = id, wakeUp, rank
end
local OUTBOX_LIMIT = 1000000
local function dropOldest()
  local count = redis.call("XTRIM", outboxKey, "MAXLEN", "~", OUTBOX_LIMIT)
  if count > 0 then
    local before = string.match(redis.call("HGET", settingsKey, "outboxLost") or "0", "^%d+")
    redis.call("HSET", settingsKey, "outboxLost", (tonumber(before) + count) .. " " .. stamp)
  end
end
local function tellStatus(id, status)
  if not feedUntil then
    readSettings()
  end
  if feedUntil >= now then
    redis.call("PUBLISH", feedChannel, status .. " " .. stamp .. " " .. id)
  end
  if outboxStatuses ~= "" and string.find(outboxStatuses, "," .. status .. ",", 1, true) then
    redis.call("XADD", outboxKey, "*", "change", status .. " " .. stamp .. " " .. id)
    if redis.call("XLEN", outboxKey) > OUTBOX_LIMIT then
      dropOldest()
    end
  end
end
local function moveTo(id, record, status, ...)
  if record.status ~= status then
    redis.call("ZREM", statusKey(record.status), id)
    redis.call("ZADD", statusKey(status), record.createdAt, id)
    tellStatus(id, status)
  end
  redis.call("HSET", instanceKey(id), "status", status, ...)
end
local function underWay(record, where)
  return record.status == "rollingBack" and record.status or where
end
local function leavePlaces(id)
  redis.call("ZREM", pendingKey, id)
  redis.call("ZREM", backlogKey, id)
  redis.call("ZREM", leasesKey, id)
  redis.call("ZREM", timersKey, id)
  redis.call("ZREM", expiryKey, id)
end
local items = cmsgpack.unpack(ARGV[1])
local lastDrawn, lastReserved = 0, 0
local function reserveNumbers()
  local drawn, mark = string.match(redis.call("GET", sequenceKey) or "0", "^(%d+)(.*)\$")
  readMark(string.sub(mark, 2))
  local last = math.max(lastDrawn, tonumber(drawn))
  local first = math.max(last + 1, time[1] * 1000000 + time[2])
  redis.call("SET", sequenceKey, string.format("%.0f", first + #items - 1) .. mark)
  lastDrawn, lastReserved = first - 1, first + #items - 1
end
local function drawNumber()
  if lastDrawn == lastReserved then
    reserveNumbers()
  end
  lastDrawn = lastDrawn + 1
  return lastDrawn
end
local function enqueue(reply, id, rank, hasSlot)
  local wakeUp = drawNumber()
  if hasSlot or freeSlots() > 0 then
    redis.call("ZADD", pendingKey, stamp, id)
    pushRequest(reply, id, wakeUp, rank)
  else
    -- Rank first, then first come: 21 bits and 32 bits fill the 53 of a score.
    local position = redis.call("INCR", positionKey) % 4294967296
    redis.call("ZADD", backlogKey, rank * 4294967296 + position, id)
  end
  return wakeUp
end
local function makeRunnable(reply, id, record, hasSlot)
  local wakeUp = enqueue(reply, id, rankOf(record), hasSlot)
  moveTo(id, record, underWay(record, "queued"), "wakeUp", wakeUp, "worker", "", "claimNonce", "")
  return reply
end
local MAX_ADMITTED = 1000
local function admitUpTo(reply, count)
  local admitted = redis.call("ZPOPMIN", backlogKey, math.min(count, MAX_ADMITTED))
  for i = 1, #admitted, 2 do
    local id = admitted[i]
    local record = readFields(id, "wakeUp", "startedAt", "priority")
    if record.wakeUp then
      redis.call("ZADD", pendingKey, stamp, id)
      pushRequest(reply, id, record.wakeUp, rankOf(record))
    end
  end
end
local function admit(reply)
  local free = freeSlots()
  if free > 0 and free < math.huge then
    admitUpTo(reply, free)
  end
  return reply
end
local function lineOf(id)
  return string.find(id, " ", 1, true) and redis.call("HGET", instanceKey(id), "schedule")
end
local function settleAsPaused(reply, id, record, ...)
  leavePlaces(id)
  if record.status == "queued" and lineOf(id) then
    -- One that is held leaves the line; one that is active blocks it.
    redis.call("ZREM", heldKey(lineOf(id)), id)
  end
  append(id, record, { '{"type":"workflow_paused"}' })
  moveTo(id, record, "paused", "pausedAt", stamp, "worker", "", "claimNonce", "", ...)
  return admit(reply)
end
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local id = item[1]
local fence = item[2]
local commit = item[3]
local after = item[4]
local consumed = item[5]
local entries = item[6]
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
end
return runBatch(run)
`,
};


export interface RemoveTokenArgs {
  readonly id: ScriptValue;
}

export const removeToken: Script<RemoveTokenArgs> = {
  name: "remove-token",
  sha1: "a09489b9a7ef309fd06ef35abf33bb832b3436e8",
  encode: (args) => [args.id],
  lua: `local tag = KEYS[1]
local tokensKey = tag .. ":tokens"
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local id = item[1]
return { redis.call("HDEL", tokensKey, id) == 1 and "removed" or "missing" }
end
return runBatch(run)
`,
};


export interface RemoveWebhookArgs {
  readonly id: ScriptValue;
}

export const removeWebhook: Script<RemoveWebhookArgs> = {
  name: "remove-webhook",
  sha1: "6825dea665b060c31344ff8036d5bcbeacdf69ce",
  encode: (args) => [args.id],
  lua: `local tag = KEYS[1]
local webhooksKey = tag .. ":webhooks"
local function deliveriesKey(id) return tag .. ":deliveries:" .. id end
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local id = item[1]
redis.call("DEL", deliveriesKey(id))
return { redis.call("HDEL", webhooksKey, id) == 1 and "removed" or "missing" }
end
return runBatch(run)
`,
};


export interface RenewJobArgs {
  readonly job: ScriptValue;
  readonly holder: ScriptValue;
  readonly leaseMs: ScriptValue;
  readonly detail: ScriptValue;
}

export const renewJob: Script<RenewJobArgs> = {
  name: "renew-job",
  sha1: "a00666c6adaf5e13b868029c567389d6e9749546",
  encode: (args) => [args.job, args.holder, args.leaseMs, args.detail],
  lua: `local tag = KEYS[1]
local jobsKey = tag .. ":jobs"
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function readJob(job)
  local text = redis.call("HGET", jobsKey, job)
  local heldUntil, holder, detail = string.match(text or "", "^(%d+) (%S+) (.*)\$")
  return text and { heldUntil = tonumber(heldUntil), holder = holder, detail = detail }
end
local function holdJob(job, holder, leaseMs, detail)
  redis.call("HSET", jobsKey, job, (now + leaseMs) .. " " .. holder .. " " .. detail)
end
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local job = item[1]
local holder = item[2]
local leaseMs = item[3]
local detail = item[4]
local known = readJob(job)
if not known or known.holder ~= holder then
  return { "lost" }
end
holdJob(job, holder, leaseMs, detail)
return { "renewed" }
end
return runBatch(run)
`,
};


export interface RenewLeaseArgs {
  readonly id: ScriptValue;
  readonly fence: ScriptValue;
  readonly leaseMs: ScriptValue;
  readonly seenEvent: ScriptValue;
}

export const renewLease: Script<RenewLeaseArgs> = {
  name: "renew-lease",
  sha1: "182bf058f4d045d7e2ca853e4d325a038cedf869",
  encode: (args) => [args.id, args.fence, args.leaseMs, args.seenEvent],
  lua: `local tag = KEYS[1]
local function instanceKey(id) return tag .. ":i:" .. id end
local function eventsKey(id) return tag .. ":e:" .. id end
local leasesKey = tag .. ":leases"
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local SUPPORTED_FORMAT = "1"
local function readFields(id, ...)
  local names = { ... }
  local values = redis.call("HMGET", instanceKey(id), ...)
  local record = { id = id }
  for i = 1, #names do
    record[names[i]] = values[i]
  end
  return record
end
local function parseFormat(record)
  local number, watchedUntil = string.match(record.format, "^(%d+) ?(%d*)\$")
  record.watchedUntil = tonumber(watchedUntil)
  return number or record.format
end
local function readRecord(id, ...)
  local record = readFields(id, "format", "status", ...)
  if record.format and record.format ~= SUPPORTED_FORMAT then
    local format = parseFormat(record)
    if tonumber(format) > tonumber(SUPPORTED_FORMAT) then
      error("NEWER_FORMAT " .. format .. " " .. SUPPORTED_FORMAT)
    end
  end
  return record
end
local function isLeased(record)
  return record.status == "running" or record.status == "waitingForPause"
    -- One that rolls back is that in line and while it waits, too.
    or (record.status == "rollingBack" and redis.call("ZSCORE", leasesKey, record.id))
end
local function holdsFence(record, fence)
  return record.fence == fence and isLeased(record)
end
local function hasUnseen(record, seenEvent)
  return record.eventSeq and tonumber(record.eventSeq) > tonumber(seenEvent)
end
local function pushNews(reply, id, record, seenEvent)
  local length = #reply
  reply[length + 1] = record.status == "waitingForPause" and 1 or 0
  reply[length + 2] = record.eventSeq or 0
  if hasUnseen(record, seenEvent) then
    local key = eventsKey(id)
    for seq = seenEvent + 1, tonumber(record.eventSeq) do
      local event = redis.call("HGET", key, seq)
      if event then
        reply[#reply + 1] = seq
        reply[#reply + 1] = event
      end
    end
  end
  return reply
end
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local id = item[1]
local fence = item[2]
local leaseMs = item[3]
local seenEvent = item[4]
local record = readRecord(id, "fence", "eventSeq")
if not holdsFence(record, fence) then
  return { "stale" }
end
-- A Redis without memory refuses a ZADD, unless its script has written before. A lease that could not be
-- renewed would run out, and its instance be run again, for want of memory that this does not take.
redis.call("ZREM", leasesKey, id)
redis.call("ZADD", leasesKey, now + leaseMs, id)
return pushNews({ "renewed" }, id, record, seenEvent)
end
return runBatch(run)
`,
};


export interface RestartFromArgs {
  readonly id: ScriptValue;
  readonly length: ScriptValue;
  readonly last: ScriptValue;
  readonly prefix: ScriptValue;
  readonly rest: readonly ScriptValue[];
  readonly streams: readonly ScriptValue[];
  readonly sizes: readonly ScriptValue[];
}

export const restartFrom: Script<RestartFromArgs> = {
  name: "restart-from",
  sha1: "e7b2490c19ccff5c084ac9c5834614cc9498582f",
  encode: (args) => [args.id, args.length, args.last, args.prefix, args.rest, args.streams, args.sizes],
  lua: `local tag = KEYS[1]
local function instanceKey(id) return tag .. ":i:" .. id end
local function historyKey(id) return tag .. ":h:" .. id end
local function eventsKey(id) return tag .. ":e:" .. id end
local function streamsKey(id) return tag .. ":s:" .. id end
local sequenceKey = tag .. ":sequence"
local positionKey = tag .. ":position"
local settingsKey = tag .. ":settings"
local pendingKey = tag .. ":pending"
local backlogKey = tag .. ":backlog"
local leasesKey = tag .. ":leases"
local timersKey = tag .. ":timers"
local openStreamsKey = tag .. ":streams"
local outboxKey = tag .. ":outbox"
local expiryKey = tag .. ":expiry"
local function activeKey(schedule) return tag .. ":active:" .. schedule end
local function heldKey(schedule) return tag .. ":held:" .. schedule end
local function statusKey(status) return tag .. ":status:" .. status end
local feedChannel = tag .. ":feed"
local function historyChannel(id) return tag .. ":history:" .. id end
local function workerChannel(workerId) return tag .. ":worker:" .. workerId end
local SUPPORTED_FORMAT = "1"
local function readFields(id, ...)
  local names = { ... }
  local values = redis.call("HMGET", instanceKey(id), ...)
  local record = { id = id }
  for i = 1, #names do
    record[names[i]] = values[i]
  end
  return record
end
local function parseFormat(record)
  local number, watchedUntil = string.match(record.format, "^(%d+) ?(%d*)\$")
  record.watchedUntil = tonumber(watchedUntil)
  return number or record.format
end
local function readRecord(id, ...)
  local record = readFields(id, "format", "status", ...)
  if record.format and record.format ~= SUPPORTED_FORMAT then
    local format = parseFormat(record)
    if tonumber(format) > tonumber(SUPPORTED_FORMAT) then
      error("NEWER_FORMAT " .. format .. " " .. SUPPORTED_FORMAT)
    end
  end
  return record
end
local function isLeased(record)
  return record.status == "running" or record.status == "waitingForPause"
    -- One that rolls back is that in line and while it waits, too.
    or (record.status == "rollingBack" and redis.call("ZSCORE", leasesKey, record.id))
end
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = now .. ""
local function tellWatchers(id, record)
  local watchedUntil = record.watchedUntil
  if watchedUntil and watchedUntil >= now then
    redis.call("PUBLISH", historyChannel(id), "changed")
  elseif watchedUntil then
    redis.call("HSET", instanceKey(id), "format", SUPPORTED_FORMAT)
  end
end
local MAX_PUSHED = 1000
local function push(id, items, from)
  local key = historyKey(id)
  for first = from, #items, MAX_PUSHED do
    redis.call("RPUSH", key, unpack(items, first, math.min(first + MAX_PUSHED - 1, #items)))
  end
end
local function append(id, record, entries, result)
  for i = 1, #entries do
    entries[i] = stamp .. entries[i]
  end
  entries[#entries + 1] = result
  push(id, entries, 1)
  if record.watchedUntil and #entries > 0 then
    tellWatchers(id, record)
  end
end
local function hasResult(status)
  return status == "complete" or status == "errored"
end
local IDS_PER_ENTRY = 32
local function takeIds(id, record, entries)
  local lastId = tonumber(record.lastId or 0) + IDS_PER_ENTRY * entries
  redis.call("HSET", instanceKey(id), "lastId", lastId)
  return lastId
end
local slotLimit, feedUntil, outboxStatuses
local function readMark(mark)
  local watchedUntil, statuses = string.match(mark or "", "^(%d*) ?(.*)\$")
  feedUntil, outboxStatuses = tonumber(watchedUntil) or 0, statuses
end
local function readSettings()
  local fields = redis.call("HMGET", settingsKey, "concurrencyLimit", "mark")
  slotLimit = tonumber(fields[1] or 0)
  readMark(fields[2])
end
local OUTBOX_LIMIT = 1000000
local function dropOldest()
  local count = redis.call("XTRIM", outboxKey, "MAXLEN", "~", OUTBOX_LIMIT)
  if count > 0 then
    local before = string.match(redis.call("HGET", settingsKey, "outboxLost") or "0", "^%d+")
    redis.call("HSET", settingsKey, "outboxLost", (tonumber(before) + count) .. " " .. stamp)
  end
end
local function tellStatus(id, status)
  if not feedUntil then
    readSettings()
  end
  if feedUntil >= now then
    redis.call("PUBLISH", feedChannel, status .. " " .. stamp .. " " .. id)
  end
  if outboxStatuses ~= "" and string.find(outboxStatuses, "," .. status .. ",", 1, true) then
    redis.call("XADD", outboxKey, "*", "change", status .. " " .. stamp .. " " .. id)
    if redis.call("XLEN", outboxKey) > OUTBOX_LIMIT then
      dropOldest()
    end
  end
end
local function moveTo(id, record, status, ...)
  if record.status ~= status then
    redis.call("ZREM", statusKey(record.status), id)
    redis.call("ZADD", statusKey(status), record.createdAt, id)
    tellStatus(id, status)
  end
  redis.call("HSET", instanceKey(id), "status", status, ...)
end
local function underWay(record, where)
  return record.status == "rollingBack" and record.status or where
end
local function leavePlaces(id)
  redis.call("ZREM", pendingKey, id)
  redis.call("ZREM", backlogKey, id)
  redis.call("ZREM", leasesKey, id)
  redis.call("ZREM", timersKey, id)
  redis.call("ZREM", expiryKey, id)
end
local function freeSlots()
  if not slotLimit then
    readSettings()
  end
  if slotLimit == 0 then
    return math.huge
  end
  return slotLimit - redis.call("ZCARD", pendingKey) - redis.call("ZCARD", leasesKey)
end
local function rankOf(record)
  return record.startedAt and 0 or tonumber(record.priority)
end
local function pushRequest(reply, id, wakeUp, rank)
  local length = #reply
  reply[length + 1], reply[length + 2], reply[length + 3] = id, wakeUp, rank
end
local MAX_ADMITTED = 1000
local function admitUpTo(reply, count)
  local admitted = redis.call("ZPOPMIN", backlogKey, math.min(count, MAX_ADMITTED))
  for i = 1, #admitted, 2 do
    local id = admitted[i]
    local record = readFields(id, "wakeUp", "startedAt", "priority")
    if record.wakeUp then
      redis.call("ZADD", pendingKey, stamp, id)
      pushRequest(reply, id, record.wakeUp, rankOf(record))
    end
  end
end
local function admit(reply)
  local free = freeSlots()
  if free > 0 and free < math.huge then
    admitUpTo(reply, free)
  end
  return reply
end
local items = cmsgpack.unpack(ARGV[1])
local lastDrawn, lastReserved = 0, 0
local function reserveNumbers()
  local drawn, mark = string.match(redis.call("GET", sequenceKey) or "0", "^(%d+)(.*)\$")
  readMark(string.sub(mark, 2))
  local last = math.max(lastDrawn, tonumber(drawn))
  local first = math.max(last + 1, time[1] * 1000000 + time[2])
  redis.call("SET", sequenceKey, string.format("%.0f", first + #items - 1) .. mark)
  lastDrawn, lastReserved = first - 1, first + #items - 1
end
local function drawNumber()
  if lastDrawn == lastReserved then
    reserveNumbers()
  end
  lastDrawn = lastDrawn + 1
  return lastDrawn
end
local function enqueue(reply, id, rank, hasSlot)
  local wakeUp = drawNumber()
  if hasSlot or freeSlots() > 0 then
    redis.call("ZADD", pendingKey, stamp, id)
    pushRequest(reply, id, wakeUp, rank)
  else
    -- Rank first, then first come: 21 bits and 32 bits fill the 53 of a score.
    local position = redis.call("INCR", positionKey) % 4294967296
    redis.call("ZADD", backlogKey, rank * 4294967296 + position, id)
  end
  return wakeUp
end
local function makeRunnable(reply, id, record, hasSlot)
  local wakeUp = enqueue(reply, id, rankOf(record), hasSlot)
  moveTo(id, record, underWay(record, "queued"), "wakeUp", wakeUp, "worker", "", "claimNonce", "")
  return reply
end
local function tellWorker(id, record, what)
  if isLeased(record) then
    redis.call("PUBLISH", workerChannel(record.worker), what .. " " .. record.fence .. " " .. id)
  end
end
local function lineOf(id)
  return string.find(id, " ", 1, true) and redis.call("HGET", instanceKey(id), "schedule")
end
local function enterLine(id, line, time, queues)
  local isHeld = queues and redis.call("ZCARD", activeKey(line)) > 0
  redis.call("ZADD", isHeld and heldKey(line) or activeKey(line), time, id)
  return not isHeld
end
local function reenterLine(id, line)
  if redis.call("ZSCORE", activeKey(line), id) then
    return true
  end
  redis.call("ZREM", heldKey(line), id)
  local overlap = redis.call("HGET", instanceKey(id), "overlap")
  return enterLine(id, line, string.match(id, "%d+\$"), overlap == "queue")
end
local function startOver(id, record, lastId)
  tellWorker(id, record, "revoked")
  leavePlaces(id)
  append(id, record, { '{"type":"workflow_restarted","lastId":' .. lastId .. "}" })
  redis.call("DEL", eventsKey(id))
  redis.call("HDEL", instanceKey(id), "startedAt", "startedAfter", "endedAt", "pausedAt", "delayedUntil",
    "wakeAt", "awaits", "eventSeq", "commit", "committedAt", "orphan", "flag", "rollback")
  local number = drawNumber()
  redis.call("HSET", instanceKey(id), "fence", number, "baseline", number)
  -- Else one that rolled back would stay so.
  moveTo(id, record, "queued")
  record.status = "queued"
  local line = lineOf(id)
  if line and not reenterLine(id, line) then
    moveTo(id, record, "queued", "worker", "", "claimNonce", "")
    return admit({ "done" })
  end
  return makeRunnable(admit({ "done" }), id, record)
end
local function parseSize(text)
  local chunks, bytes = string.match(text or "0 0", "^(%d+) (%d+)\$")
  return tonumber(chunks), tonumber(bytes)
end
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local id = item[1]
local length = item[2]
local last = item[3]
local prefix = item[4]
local rest = item[5]
local streams = item[6]
local sizes = item[7]
local record = readRecord(id, "fence", "worker", "createdAt", "priority", "lastId", "orphan")
if not record.status then
  return { "missing" }
end
local entries = redis.call("LLEN", historyKey(id)) - 1 - (hasResult(record.status) and 1 or 0)
if entries ~= tonumber(length) or redis.call("LINDEX", historyKey(id), entries) ~= last then
  return { "changed" }
end

-- Without memory Redis lets a script write that has begun with a write which frees some.
local items = redis.call("LLEN", historyKey(id))
redis.call("LTRIM", historyKey(id), 0, prefix)
local lastId = takeIds(id, record, items)
if #rest > 0 then
  -- They would get ids that what is wiped before them has had.
  redis.call("RPUSH", historyKey(id), string.match(rest[1], "^%d+") .. '{"type":"history_cut","lastId":' .. lastId .. "}")
  push(id, rest, 1)
end
for i = 1, #streams do
  local _, bytes = parseSize(sizes[i])
  redis.call("ZADD", openStreamsKey, 0, streams[i] .. " " .. id)
  if bytes > 0 then
    redis.call("HINCRBY", streamsKey(id), "kept", -bytes)
  end
end
local isUnsure = isLeased(record) or record.orphan
local reply = startOver(id, record, lastId)
if isUnsure then
  -- Who ran it may not have waited yet until what is kept is safe.
  redis.call("HSET", instanceKey(id), "orphan", "adopted")
end
return reply
end
return runBatch(run)
`,
};


export interface RestartInstanceArgs {
  readonly id: ScriptValue;
  readonly once: readonly ScriptValue[];
}

export const restartInstance: Script<RestartInstanceArgs> = {
  name: "restart-instance",
  sha1: "abd7eaf838d44431c25fb2dca3f6901cfc20f2c8",
  encode: (args) => [args.id, args.once],
  lua: `local tag = KEYS[1]
local function instanceKey(id) return tag .. ":i:" .. id end
local function historyKey(id) return tag .. ":h:" .. id end
local function eventsKey(id) return tag .. ":e:" .. id end
local function streamsKey(id) return tag .. ":s:" .. id end
local sequenceKey = tag .. ":sequence"
local positionKey = tag .. ":position"
local settingsKey = tag .. ":settings"
local pendingKey = tag .. ":pending"
local backlogKey = tag .. ":backlog"
local leasesKey = tag .. ":leases"
local timersKey = tag .. ":timers"
local outboxKey = tag .. ":outbox"
local expiryKey = tag .. ":expiry"
local function onceKey(job) return tag .. ":once:" .. job end
local function activeKey(schedule) return tag .. ":active:" .. schedule end
local function heldKey(schedule) return tag .. ":held:" .. schedule end
local function statusKey(status) return tag .. ":status:" .. status end
local feedChannel = tag .. ":feed"
local function historyChannel(id) return tag .. ":history:" .. id end
local function workerChannel(workerId) return tag .. ":worker:" .. workerId end
local SUPPORTED_FORMAT = "1"
local function readFields(id, ...)
  local names = { ... }
  local values = redis.call("HMGET", instanceKey(id), ...)
  local record = { id = id }
  for i = 1, #names do
    record[names[i]] = values[i]
  end
  return record
end
local function parseFormat(record)
  local number, watchedUntil = string.match(record.format, "^(%d+) ?(%d*)\$")
  record.watchedUntil = tonumber(watchedUntil)
  return number or record.format
end
local function readRecord(id, ...)
  local record = readFields(id, "format", "status", ...)
  if record.format and record.format ~= SUPPORTED_FORMAT then
    local format = parseFormat(record)
    if tonumber(format) > tonumber(SUPPORTED_FORMAT) then
      error("NEWER_FORMAT " .. format .. " " .. SUPPORTED_FORMAT)
    end
  end
  return record
end
local IDS_PER_ENTRY = 32
local function takeIds(id, record, entries)
  local lastId = tonumber(record.lastId or 0) + IDS_PER_ENTRY * entries
  redis.call("HSET", instanceKey(id), "lastId", lastId)
  return lastId
end
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = now .. ""
local function tellWatchers(id, record)
  local watchedUntil = record.watchedUntil
  if watchedUntil and watchedUntil >= now then
    redis.call("PUBLISH", historyChannel(id), "changed")
  elseif watchedUntil then
    redis.call("HSET", instanceKey(id), "format", SUPPORTED_FORMAT)
  end
end
local MAX_PUSHED = 1000
local function push(id, items, from)
  local key = historyKey(id)
  for first = from, #items, MAX_PUSHED do
    redis.call("RPUSH", key, unpack(items, first, math.min(first + MAX_PUSHED - 1, #items)))
  end
end
local function append(id, record, entries, result)
  for i = 1, #entries do
    entries[i] = stamp .. entries[i]
  end
  entries[#entries + 1] = result
  push(id, entries, 1)
  if record.watchedUntil and #entries > 0 then
    tellWatchers(id, record)
  end
end
local slotLimit, feedUntil, outboxStatuses
local function readMark(mark)
  local watchedUntil, statuses = string.match(mark or "", "^(%d*) ?(.*)\$")
  feedUntil, outboxStatuses = tonumber(watchedUntil) or 0, statuses
end
local function readSettings()
  local fields = redis.call("HMGET", settingsKey, "concurrencyLimit", "mark")
  slotLimit = tonumber(fields[1] or 0)
  readMark(fields[2])
end
local OUTBOX_LIMIT = 1000000
local function dropOldest()
  local count = redis.call("XTRIM", outboxKey, "MAXLEN", "~", OUTBOX_LIMIT)
  if count > 0 then
    local before = string.match(redis.call("HGET", settingsKey, "outboxLost") or "0", "^%d+")
    redis.call("HSET", settingsKey, "outboxLost", (tonumber(before) + count) .. " " .. stamp)
  end
end
local function tellStatus(id, status)
  if not feedUntil then
    readSettings()
  end
  if feedUntil >= now then
    redis.call("PUBLISH", feedChannel, status .. " " .. stamp .. " " .. id)
  end
  if outboxStatuses ~= "" and string.find(outboxStatuses, "," .. status .. ",", 1, true) then
    redis.call("XADD", outboxKey, "*", "change", status .. " " .. stamp .. " " .. id)
    if redis.call("XLEN", outboxKey) > OUTBOX_LIMIT then
      dropOldest()
    end
  end
end
local function moveTo(id, record, status, ...)
  if record.status ~= status then
    redis.call("ZREM", statusKey(record.status), id)
    redis.call("ZADD", statusKey(status), record.createdAt, id)
    tellStatus(id, status)
  end
  redis.call("HSET", instanceKey(id), "status", status, ...)
end
local function underWay(record, where)
  return record.status == "rollingBack" and record.status or where
end
local function leavePlaces(id)
  redis.call("ZREM", pendingKey, id)
  redis.call("ZREM", backlogKey, id)
  redis.call("ZREM", leasesKey, id)
  redis.call("ZREM", timersKey, id)
  redis.call("ZREM", expiryKey, id)
end
local function freeSlots()
  if not slotLimit then
    readSettings()
  end
  if slotLimit == 0 then
    return math.huge
  end
  return slotLimit - redis.call("ZCARD", pendingKey) - redis.call("ZCARD", leasesKey)
end
local function rankOf(record)
  return record.startedAt and 0 or tonumber(record.priority)
end
local function pushRequest(reply, id, wakeUp, rank)
  local length = #reply
  reply[length + 1], reply[length + 2], reply[length + 3] = id, wakeUp, rank
end
local MAX_ADMITTED = 1000
local function admitUpTo(reply, count)
  local admitted = redis.call("ZPOPMIN", backlogKey, math.min(count, MAX_ADMITTED))
  for i = 1, #admitted, 2 do
    local id = admitted[i]
    local record = readFields(id, "wakeUp", "startedAt", "priority")
    if record.wakeUp then
      redis.call("ZADD", pendingKey, stamp, id)
      pushRequest(reply, id, record.wakeUp, rankOf(record))
    end
  end
end
local function admit(reply)
  local free = freeSlots()
  if free > 0 and free < math.huge then
    admitUpTo(reply, free)
  end
  return reply
end
local items = cmsgpack.unpack(ARGV[1])
local lastDrawn, lastReserved = 0, 0
local function reserveNumbers()
  local drawn, mark = string.match(redis.call("GET", sequenceKey) or "0", "^(%d+)(.*)\$")
  readMark(string.sub(mark, 2))
  local last = math.max(lastDrawn, tonumber(drawn))
  local first = math.max(last + 1, time[1] * 1000000 + time[2])
  redis.call("SET", sequenceKey, string.format("%.0f", first + #items - 1) .. mark)
  lastDrawn, lastReserved = first - 1, first + #items - 1
end
local function drawNumber()
  if lastDrawn == lastReserved then
    reserveNumbers()
  end
  lastDrawn = lastDrawn + 1
  return lastDrawn
end
local function enqueue(reply, id, rank, hasSlot)
  local wakeUp = drawNumber()
  if hasSlot or freeSlots() > 0 then
    redis.call("ZADD", pendingKey, stamp, id)
    pushRequest(reply, id, wakeUp, rank)
  else
    -- Rank first, then first come: 21 bits and 32 bits fill the 53 of a score.
    local position = redis.call("INCR", positionKey) % 4294967296
    redis.call("ZADD", backlogKey, rank * 4294967296 + position, id)
  end
  return wakeUp
end
local function makeRunnable(reply, id, record, hasSlot)
  local wakeUp = enqueue(reply, id, rankOf(record), hasSlot)
  moveTo(id, record, underWay(record, "queued"), "wakeUp", wakeUp, "worker", "", "claimNonce", "")
  return reply
end
local function isLeased(record)
  return record.status == "running" or record.status == "waitingForPause"
    -- One that rolls back is that in line and while it waits, too.
    or (record.status == "rollingBack" and redis.call("ZSCORE", leasesKey, record.id))
end
local function tellWorker(id, record, what)
  if isLeased(record) then
    redis.call("PUBLISH", workerChannel(record.worker), what .. " " .. record.fence .. " " .. id)
  end
end
local function lineOf(id)
  return string.find(id, " ", 1, true) and redis.call("HGET", instanceKey(id), "schedule")
end
local function enterLine(id, line, time, queues)
  local isHeld = queues and redis.call("ZCARD", activeKey(line)) > 0
  redis.call("ZADD", isHeld and heldKey(line) or activeKey(line), time, id)
  return not isHeld
end
local function reenterLine(id, line)
  if redis.call("ZSCORE", activeKey(line), id) then
    return true
  end
  redis.call("ZREM", heldKey(line), id)
  local overlap = redis.call("HGET", instanceKey(id), "overlap")
  return enterLine(id, line, string.match(id, "%d+\$"), overlap == "queue")
end
local function startOver(id, record, lastId)
  tellWorker(id, record, "revoked")
  leavePlaces(id)
  append(id, record, { '{"type":"workflow_restarted","lastId":' .. lastId .. "}" })
  redis.call("DEL", eventsKey(id))
  redis.call("HDEL", instanceKey(id), "startedAt", "startedAfter", "endedAt", "pausedAt", "delayedUntil",
    "wakeAt", "awaits", "eventSeq", "commit", "committedAt", "orphan", "flag", "rollback")
  local number = drawNumber()
  redis.call("HSET", instanceKey(id), "fence", number, "baseline", number)
  -- Else one that rolled back would stay so.
  moveTo(id, record, "queued")
  record.status = "queued"
  local line = lineOf(id)
  if line and not reenterLine(id, line) then
    moveTo(id, record, "queued", "worker", "", "claimNonce", "")
    return admit({ "done" })
  end
  return makeRunnable(admit({ "done" }), id, record)
end
local ONCE_MS = 604800000
local function forgetBefore(key, from)
  local done = redis.call("HGETALL", key)
  for i = 1, #done, 2 do
    if string.sub(done[i], 1, 2) == "i:" and tonumber(done[i + 1]) < from then
      redis.call("HDEL", key, done[i])
    end
  end
end
local function isFirstTime(record, once)
  if not once[1] then
    return true
  end
  local key, turn, createdAt = onceKey(once[1]), tonumber(once[2]), tonumber(record.createdAt)
  local known = redis.call("HMGET", key, "turn", "from")
  local knownTurn, from = tonumber(known[1] or -1), tonumber(known[2] or 0)
  if knownTurn > turn then
    return false
  elseif knownTurn < turn then
    forgetBefore(key, from)
    redis.call("HSET", key, "turn", turn, "from", record.createdAt)
    redis.call("PEXPIRE", key, ONCE_MS)
  elseif createdAt < from then
    redis.call("HSET", key, "from", record.createdAt)
  end
  return redis.call("HSETNX", key, "i:" .. record.id, record.createdAt) == 1
end
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local id = item[1]
local once = item[2]
local record = readRecord(id, "fence", "worker", "createdAt", "priority", "lastId")
if not record.status then
  return { "missing" }
elseif not isFirstTime(record, once) then
  return { "done" }
end

-- Without memory Redis lets a script write that has begun with a write which frees some.
local entries = redis.call("LLEN", historyKey(id))
redis.call("LTRIM", historyKey(id), 0, 0)
local lastId = takeIds(id, record, entries)
redis.call("UNLINK", streamsKey(id))
return startOver(id, record, lastId)
end
return runBatch(run)
`,
};


export interface ResumeInstanceArgs {
  readonly id: ScriptValue;
}

export const resumeInstance: Script<ResumeInstanceArgs> = {
  name: "resume-instance",
  sha1: "3beed051eb2bc8e0aff281c1403d7fd58b055638",
  encode: (args) => [args.id],
  lua: `local tag = KEYS[1]
local function instanceKey(id) return tag .. ":i:" .. id end
local function historyKey(id) return tag .. ":h:" .. id end
local sequenceKey = tag .. ":sequence"
local positionKey = tag .. ":position"
local settingsKey = tag .. ":settings"
local pendingKey = tag .. ":pending"
local backlogKey = tag .. ":backlog"
local leasesKey = tag .. ":leases"
local timersKey = tag .. ":timers"
local outboxKey = tag .. ":outbox"
local function activeKey(schedule) return tag .. ":active:" .. schedule end
local function heldKey(schedule) return tag .. ":held:" .. schedule end
local function statusKey(status) return tag .. ":status:" .. status end
local feedChannel = tag .. ":feed"
local function historyChannel(id) return tag .. ":history:" .. id end
local function workerChannel(workerId) return tag .. ":worker:" .. workerId end
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = now .. ""
local SUPPORTED_FORMAT = "1"
local function readFields(id, ...)
  local names = { ... }
  local values = redis.call("HMGET", instanceKey(id), ...)
  local record = { id = id }
  for i = 1, #names do
    record[names[i]] = values[i]
  end
  return record
end
local function parseFormat(record)
  local number, watchedUntil = string.match(record.format, "^(%d+) ?(%d*)\$")
  record.watchedUntil = tonumber(watchedUntil)
  return number or record.format
end
local function readRecord(id, ...)
  local record = readFields(id, "format", "status", ...)
  if record.format and record.format ~= SUPPORTED_FORMAT then
    local format = parseFormat(record)
    if tonumber(format) > tonumber(SUPPORTED_FORMAT) then
      error("NEWER_FORMAT " .. format .. " " .. SUPPORTED_FORMAT)
    end
  end
  return record
end
local function tellWatchers(id, record)
  local watchedUntil = record.watchedUntil
  if watchedUntil and watchedUntil >= now then
    redis.call("PUBLISH", historyChannel(id), "changed")
  elseif watchedUntil then
    redis.call("HSET", instanceKey(id), "format", SUPPORTED_FORMAT)
  end
end
local MAX_PUSHED = 1000
local function push(id, items, from)
  local key = historyKey(id)
  for first = from, #items, MAX_PUSHED do
    redis.call("RPUSH", key, unpack(items, first, math.min(first + MAX_PUSHED - 1, #items)))
  end
end
local function append(id, record, entries, result)
  for i = 1, #entries do
    entries[i] = stamp .. entries[i]
  end
  entries[#entries + 1] = result
  push(id, entries, 1)
  if record.watchedUntil and #entries > 0 then
    tellWatchers(id, record)
  end
end
local slotLimit, feedUntil, outboxStatuses
local function readMark(mark)
  local watchedUntil, statuses = string.match(mark or "", "^(%d*) ?(.*)\$")
  feedUntil, outboxStatuses = tonumber(watchedUntil) or 0, statuses
end
local function readSettings()
  local fields = redis.call("HMGET", settingsKey, "concurrencyLimit", "mark")
  slotLimit = tonumber(fields[1] or 0)
  readMark(fields[2])
end
local OUTBOX_LIMIT = 1000000
local function dropOldest()
  local count = redis.call("XTRIM", outboxKey, "MAXLEN", "~", OUTBOX_LIMIT)
  if count > 0 then
    local before = string.match(redis.call("HGET", settingsKey, "outboxLost") or "0", "^%d+")
    redis.call("HSET", settingsKey, "outboxLost", (tonumber(before) + count) .. " " .. stamp)
  end
end
local function tellStatus(id, status)
  if not feedUntil then
    readSettings()
  end
  if feedUntil >= now then
    redis.call("PUBLISH", feedChannel, status .. " " .. stamp .. " " .. id)
  end
  if outboxStatuses ~= "" and string.find(outboxStatuses, "," .. status .. ",", 1, true) then
    redis.call("XADD", outboxKey, "*", "change", status .. " " .. stamp .. " " .. id)
    if redis.call("XLEN", outboxKey) > OUTBOX_LIMIT then
      dropOldest()
    end
  end
end
local function moveTo(id, record, status, ...)
  if record.status ~= status then
    redis.call("ZREM", statusKey(record.status), id)
    redis.call("ZADD", statusKey(status), record.createdAt, id)
    tellStatus(id, status)
  end
  redis.call("HSET", instanceKey(id), "status", status, ...)
end
local function underWay(record, where)
  return record.status == "rollingBack" and record.status or where
end
local function freeSlots()
  if not slotLimit then
    readSettings()
  end
  if slotLimit == 0 then
    return math.huge
  end
  return slotLimit - redis.call("ZCARD", pendingKey) - redis.call("ZCARD", leasesKey)
end
local function rankOf(record)
  return record.startedAt and 0 or tonumber(record.priority)
end
local function pushRequest(reply, id, wakeUp, rank)
  local length = #reply
  reply[length + 1], reply[length + 2], reply[length + 3] = id, wakeUp, rank
end
local items = cmsgpack.unpack(ARGV[1])
local lastDrawn, lastReserved = 0, 0
local function reserveNumbers()
  local drawn, mark = string.match(redis.call("GET", sequenceKey) or "0", "^(%d+)(.*)\$")
  readMark(string.sub(mark, 2))
  local last = math.max(lastDrawn, tonumber(drawn))
  local first = math.max(last + 1, time[1] * 1000000 + time[2])
  redis.call("SET", sequenceKey, string.format("%.0f", first + #items - 1) .. mark)
  lastDrawn, lastReserved = first - 1, first + #items - 1
end
local function drawNumber()
  if lastDrawn == lastReserved then
    reserveNumbers()
  end
  lastDrawn = lastDrawn + 1
  return lastDrawn
end
local function enqueue(reply, id, rank, hasSlot)
  local wakeUp = drawNumber()
  if hasSlot or freeSlots() > 0 then
    redis.call("ZADD", pendingKey, stamp, id)
    pushRequest(reply, id, wakeUp, rank)
  else
    -- Rank first, then first come: 21 bits and 32 bits fill the 53 of a score.
    local position = redis.call("INCR", positionKey) % 4294967296
    redis.call("ZADD", backlogKey, rank * 4294967296 + position, id)
  end
  return wakeUp
end
local function putOff(id, record, delayedUntil)
  redis.call("ZADD", timersKey, delayedUntil, id)
  moveTo(id, record, underWay(record, "queued"), "delayedUntil", delayedUntil, "worker", "", "claimNonce", "")
end
local function makeRunnable(reply, id, record, hasSlot)
  local wakeUp = enqueue(reply, id, rankOf(record), hasSlot)
  moveTo(id, record, underWay(record, "queued"), "wakeUp", wakeUp, "worker", "", "claimNonce", "")
  return reply
end
local function isLeased(record)
  return record.status == "running" or record.status == "waitingForPause"
    -- One that rolls back is that in line and while it waits, too.
    or (record.status == "rollingBack" and redis.call("ZSCORE", leasesKey, record.id))
end
local function tellWorker(id, record, what)
  if isLeased(record) then
    redis.call("PUBLISH", workerChannel(record.worker), what .. " " .. record.fence .. " " .. id)
  end
end
local function lineOf(id)
  return string.find(id, " ", 1, true) and redis.call("HGET", instanceKey(id), "schedule")
end
local function enterLine(id, line, time, queues)
  local isHeld = queues and redis.call("ZCARD", activeKey(line)) > 0
  redis.call("ZADD", isHeld and heldKey(line) or activeKey(line), time, id)
  return not isHeld
end
local function reenterLine(id, line)
  if redis.call("ZSCORE", activeKey(line), id) then
    return true
  end
  redis.call("ZREM", heldKey(line), id)
  local overlap = redis.call("HGET", instanceKey(id), "overlap")
  return enterLine(id, line, string.match(id, "%d+\$"), overlap == "queue")
end
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local id = item[1]
local record = readRecord(id, "fence", "worker", "createdAt", "startedAt", "priority", "pausedAt", "delayedUntil", "rollback")
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
if record.rollback then
  -- It was flagged while it rolled back.
  moveTo(id, record, "rollingBack")
  record.status = "rollingBack"
end
local delayedUntil = tonumber(record.delayedUntil or 0)
if delayedUntil > tonumber(record.pausedAt) then
  putOff(id, record, delayedUntil + pausedMs)
  return { "done" }
end
local line = lineOf(id)
if line and not record.rollback and not reenterLine(id, line) then
  moveTo(id, record, "queued")
  return { "done" }
end
return makeRunnable({ "done" }, id, record)
end
return runBatch(run)
`,
};


export interface RollBackInstanceArgs {
  readonly id: ScriptValue;
}

export const rollBackInstance: Script<RollBackInstanceArgs> = {
  name: "roll-back-instance",
  sha1: "c1f33d702399764e03e98defa9e8efde42c3ea1f",
  encode: (args) => [args.id],
  lua: `local tag = KEYS[1]
local function instanceKey(id) return tag .. ":i:" .. id end
local function historyKey(id) return tag .. ":h:" .. id end
local function eventsKey(id) return tag .. ":e:" .. id end
local sequenceKey = tag .. ":sequence"
local positionKey = tag .. ":position"
local settingsKey = tag .. ":settings"
local pendingKey = tag .. ":pending"
local backlogKey = tag .. ":backlog"
local leasesKey = tag .. ":leases"
local timersKey = tag .. ":timers"
local outboxKey = tag .. ":outbox"
local expiryKey = tag .. ":expiry"
local function activeKey(schedule) return tag .. ":active:" .. schedule end
local function heldKey(schedule) return tag .. ":held:" .. schedule end
local function statusKey(status) return tag .. ":status:" .. status end
local finishedChannel = tag .. ":finished"
local feedChannel = tag .. ":feed"
local function historyChannel(id) return tag .. ":history:" .. id end
local function workerChannel(workerId) return tag .. ":worker:" .. workerId end
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = now .. ""
local SUPPORTED_FORMAT = "1"
local function readFields(id, ...)
  local names = { ... }
  local values = redis.call("HMGET", instanceKey(id), ...)
  local record = { id = id }
  for i = 1, #names do
    record[names[i]] = values[i]
  end
  return record
end
local function parseFormat(record)
  local number, watchedUntil = string.match(record.format, "^(%d+) ?(%d*)\$")
  record.watchedUntil = tonumber(watchedUntil)
  return number or record.format
end
local function readRecord(id, ...)
  local record = readFields(id, "format", "status", ...)
  if record.format and record.format ~= SUPPORTED_FORMAT then
    local format = parseFormat(record)
    if tonumber(format) > tonumber(SUPPORTED_FORMAT) then
      error("NEWER_FORMAT " .. format .. " " .. SUPPORTED_FORMAT)
    end
  end
  return record
end
local function tellWatchers(id, record)
  local watchedUntil = record.watchedUntil
  if watchedUntil and watchedUntil >= now then
    redis.call("PUBLISH", historyChannel(id), "changed")
  elseif watchedUntil then
    redis.call("HSET", instanceKey(id), "format", SUPPORTED_FORMAT)
  end
end
local MAX_PUSHED = 1000
local function push(id, items, from)
  local key = historyKey(id)
  for first = from, #items, MAX_PUSHED do
    redis.call("RPUSH", key, unpack(items, first, math.min(first + MAX_PUSHED - 1, #items)))
  end
end
local function append(id, record, entries, result)
  for i = 1, #entries do
    entries[i] = stamp .. entries[i]
  end
  entries[#entries + 1] = result
  push(id, entries, 1)
  if record.watchedUntil and #entries > 0 then
    tellWatchers(id, record)
  end
end
local slotLimit, feedUntil, outboxStatuses
local function readMark(mark)
  local watchedUntil, statuses = string.match(mark or "", "^(%d*) ?(.*)\$")
  feedUntil, outboxStatuses = tonumber(watchedUntil) or 0, statuses
end
local function readSettings()
  local fields = redis.call("HMGET", settingsKey, "concurrencyLimit", "mark")
  slotLimit = tonumber(fields[1] or 0)
  readMark(fields[2])
end
local OUTBOX_LIMIT = 1000000
local function dropOldest()
  local count = redis.call("XTRIM", outboxKey, "MAXLEN", "~", OUTBOX_LIMIT)
  if count > 0 then
    local before = string.match(redis.call("HGET", settingsKey, "outboxLost") or "0", "^%d+")
    redis.call("HSET", settingsKey, "outboxLost", (tonumber(before) + count) .. " " .. stamp)
  end
end
local function tellStatus(id, status)
  if not feedUntil then
    readSettings()
  end
  if feedUntil >= now then
    redis.call("PUBLISH", feedChannel, status .. " " .. stamp .. " " .. id)
  end
  if outboxStatuses ~= "" and string.find(outboxStatuses, "," .. status .. ",", 1, true) then
    redis.call("XADD", outboxKey, "*", "change", status .. " " .. stamp .. " " .. id)
    if redis.call("XLEN", outboxKey) > OUTBOX_LIMIT then
      dropOldest()
    end
  end
end
local function moveTo(id, record, status, ...)
  if record.status ~= status then
    redis.call("ZREM", statusKey(record.status), id)
    redis.call("ZADD", statusKey(status), record.createdAt, id)
    tellStatus(id, status)
  end
  redis.call("HSET", instanceKey(id), "status", status, ...)
end
local function underWay(record, where)
  return record.status == "rollingBack" and record.status or where
end
local function leavePlaces(id)
  redis.call("ZREM", pendingKey, id)
  redis.call("ZREM", backlogKey, id)
  redis.call("ZREM", leasesKey, id)
  redis.call("ZREM", timersKey, id)
  redis.call("ZREM", expiryKey, id)
end
local FINISHED = { complete = true, errored = true, terminated = true }
local function freeSlots()
  if not slotLimit then
    readSettings()
  end
  if slotLimit == 0 then
    return math.huge
  end
  return slotLimit - redis.call("ZCARD", pendingKey) - redis.call("ZCARD", leasesKey)
end
local function rankOf(record)
  return record.startedAt and 0 or tonumber(record.priority)
end
local function pushRequest(reply, id, wakeUp, rank)
  local length = #reply
  reply[length + 1], reply[length + 2], reply[length + 3] = id, wakeUp, rank
end
local items = cmsgpack.unpack(ARGV[1])
local lastDrawn, lastReserved = 0, 0
local function reserveNumbers()
  local drawn, mark = string.match(redis.call("GET", sequenceKey) or "0", "^(%d+)(.*)\$")
  readMark(string.sub(mark, 2))
  local last = math.max(lastDrawn, tonumber(drawn))
  local first = math.max(last + 1, time[1] * 1000000 + time[2])
  redis.call("SET", sequenceKey, string.format("%.0f", first + #items - 1) .. mark)
  lastDrawn, lastReserved = first - 1, first + #items - 1
end
local function drawNumber()
  if lastDrawn == lastReserved then
    reserveNumbers()
  end
  lastDrawn = lastDrawn + 1
  return lastDrawn
end
local function enqueue(reply, id, rank, hasSlot)
  local wakeUp = drawNumber()
  if hasSlot or freeSlots() > 0 then
    redis.call("ZADD", pendingKey, stamp, id)
    pushRequest(reply, id, wakeUp, rank)
  else
    -- Rank first, then first come: 21 bits and 32 bits fill the 53 of a score.
    local position = redis.call("INCR", positionKey) % 4294967296
    redis.call("ZADD", backlogKey, rank * 4294967296 + position, id)
  end
  return wakeUp
end
local function putOff(id, record, delayedUntil)
  redis.call("ZADD", timersKey, delayedUntil, id)
  moveTo(id, record, underWay(record, "queued"), "delayedUntil", delayedUntil, "worker", "", "claimNonce", "")
end
local function makeRunnable(reply, id, record, hasSlot)
  local wakeUp = enqueue(reply, id, rankOf(record), hasSlot)
  moveTo(id, record, underWay(record, "queued"), "wakeUp", wakeUp, "worker", "", "claimNonce", "")
  return reply
end
local MAX_ADMITTED = 1000
local function admitUpTo(reply, count)
  local admitted = redis.call("ZPOPMIN", backlogKey, math.min(count, MAX_ADMITTED))
  for i = 1, #admitted, 2 do
    local id = admitted[i]
    local record = readFields(id, "wakeUp", "startedAt", "priority")
    if record.wakeUp then
      redis.call("ZADD", pendingKey, stamp, id)
      pushRequest(reply, id, record.wakeUp, rankOf(record))
    end
  end
end
local function admit(reply)
  local free = freeSlots()
  if free > 0 and free < math.huge then
    admitUpTo(reply, free)
  end
  return reply
end
local function isLeased(record)
  return record.status == "running" or record.status == "waitingForPause"
    -- One that rolls back is that in line and while it waits, too.
    or (record.status == "rollingBack" and redis.call("ZSCORE", leasesKey, record.id))
end
local function tellWorker(id, record, what)
  if isLeased(record) then
    redis.call("PUBLISH", workerChannel(record.worker), what .. " " .. record.fence .. " " .. id)
  end
end
local function announceEnd(id)
  redis.call("PUBLISH", finishedChannel, id)
end
local function lineOf(id)
  return string.find(id, " ", 1, true) and redis.call("HGET", instanceKey(id), "schedule")
end
local function exitLine(id, line)
  if line then
    redis.call("ZREM", activeKey(line), id)
    redis.call("ZREM", heldKey(line), id)
  end
end
local function releaseHeld(reply, line, count)
  local held = redis.call("ZPOPMIN", heldKey(line), count)
  for i = 1, #held, 2 do
    redis.call("ZADD", activeKey(line), held[i + 1], held[i])
    makeRunnable(reply, held[i], readRecord(held[i], "createdAt", "startedAt", "priority"))
  end
end
local function advanceLine(reply, line)
  if line and redis.call("ZCARD", activeKey(line)) == 0 then
    releaseHeld(reply, line, 1)
  end
  return reply
end
local function terminate(id, record)
  tellWorker(id, record, "revoked")
  leavePlaces(id)
  append(id, record, { '{"type":"workflow_terminated"}' })
  redis.call("DEL", eventsKey(id))
  redis.call("ZADD", expiryKey, now + record.errorMs, id)
  moveTo(id, record, "terminated", "fence", drawNumber(), "endedAt", stamp,
    "worker", "", "claimNonce", "")
  announceEnd(id)
  local line = lineOf(id)
  exitLine(id, line)
  return advanceLine(admit({ "done" }), line)
end
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local id = item[1]

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
  redis.call("ZADD", activeKey(line), string.match(id, "%d+\$"), id)
end
moveTo(id, record, "rollingBack", "rollback", "begun", "fence", drawNumber())
record.status = "rollingBack"
-- Whoever claimed what was put back after a loss may still begin steps.
if record.delayedUntil and tonumber(record.delayedUntil) > now then
  putOff(id, record, record.delayedUntil)
  return admit({ "done" })
end
return makeRunnable({ "done" }, id, record, hasSlot)
end
return runBatch(run)
`,
};


export interface SearchInstancesArgs {
  readonly statuses: readonly ScriptValue[];
  readonly anyStatus: ScriptValue;
  readonly labels: readonly ScriptValue[];
  readonly limit: ScriptValue;
  readonly examined: ScriptValue;
  readonly afterCreatedAt: ScriptValue;
  readonly afterId: ScriptValue;
  readonly from: ScriptValue;
  readonly to: ScriptValue;
  readonly newestFirst: ScriptValue;
  readonly idPrefix: ScriptValue;
  readonly endedFrom: ScriptValue;
  readonly endedTo: ScriptValue;
  readonly error: readonly ScriptValue[];
}

export const searchInstances: Script<SearchInstancesArgs> = {
  name: "search-instances",
  sha1: "277ab2762ad071ce2078ae4078a0fa98379990e8",
  encode: (args) => [args.statuses, args.anyStatus, args.labels, args.limit, args.examined, args.afterCreatedAt, args.afterId, args.from, args.to, args.newestFirst, args.idPrefix, args.endedFrom, args.endedTo, args.error],
  lua: `local tag = KEYS[1]
local function instanceKey(id) return tag .. ":i:" .. id end
local function historyKey(id) return tag .. ":h:" .. id end
local function statusKey(status) return tag .. ":status:" .. status end
local function labelKey(label) return tag .. ":label:" .. label end
local function isBelow(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = a:byte(i), b:byte(i)
    if x ~= y then
      return x < y
    end
  end
  return #a < #b
end
local function countBefore(key, score, isNewestFirst)
  if isNewestFirst then
    return redis.call("ZCOUNT", key, "(" .. score, "+inf")
  end
  return redis.call("ZCOUNT", key, "-inf", "(" .. score)
end
local function rangeOf(key, first, last, isNewestFirst)
  return redis.call(isNewestFirst and "ZREVRANGE" or "ZRANGE", key, first, last, "WITHSCORES")
end
local function countUpTo(key, score, id, isNewestFirst)
  local low = countBefore(key, score, isNewestFirst)
  local high = low + redis.call("ZCOUNT", key, score, score)
  while low < high do
    local middle = math.floor((low + high) / 2)
    local other = rangeOf(key, middle, middle, isNewestFirst)[1]
    local isAfter = isNewestFirst and isBelow(other, id) or not isNewestFirst and isBelow(id, other)
    if isAfter then high = middle else low = middle + 1 end
  end
  return low
end
local PIECE = 50
local function partOf(key, range)
  local isNewestFirst = range.isNewestFirst
  local start = isNewestFirst and range.to or range.from
  local count = redis.call("ZCOUNT", key, range.from == "" and "-inf" or range.from,
    range.to == "" and "+inf" or range.to)
  local first = (start == "" or count == 0) and 0 or countBefore(key, start, isNewestFirst)
  local part = { key = key, isNewestFirst = isNewestFirst, first = first, last = first + count, count = count }
  if range.afterCreatedAt ~= "" and count > 0 then
    part.first = math.max(first, countUpTo(key, range.afterCreatedAt, range.afterId, isNewestFirst))
  end
  return part
end
local function peek(part)
  if not part.items or part.at > #part.items then
    if part.first >= part.last then
      return nil
    end
    local last = math.min(part.last, part.first + PIECE)
    part.items, part.at = rangeOf(part.key, part.first, last - 1, part.isNewestFirst), 1
    part.first = last
  end
  return part.items[part.at], tonumber(part.items[part.at + 1])
end
local function isEarlier(id, score, other, isNewestFirst)
  if score ~= other.score then
    return (score > other.score) == isNewestFirst
  end
  return isBelow(other.id, id) == isNewestFirst
end
local function takeFirst(parts)
  local best
  for i = 1, #parts do
    local part = parts[i]
    local id, score = peek(part)
    if id and (not best or isEarlier(id, score, best, part.isNewestFirst)) then
      best = { part = part, id = id, score = score, createdAt = part.items[part.at + 1] }
    end
  end
  if best then
    best.part.at = best.part.at + 2
  end
  return best
end
local function isMore(parts)
  for i = 1, #parts do
    if peek(parts[i]) then
      return true
    end
  end
  return false
end
local function readFields(id, ...)
  local names = { ... }
  local values = redis.call("HMGET", instanceKey(id), ...)
  local record = { id = id }
  for i = 1, #names do
    record[names[i]] = values[i]
  end
  return record
end
local function readSummary(id)
  return readFields(id, "status", "startedAt", "endedAt", "committedAt", "pausedAt", "nonce", "priority", "labels",
    "delayedUntil")
end
local function pushSummary(reply, record, createdAt)
  if not record.status then
    return false
  end
  local changedAt = math.max(tonumber(createdAt), tonumber(record.startedAt) or 0, tonumber(record.committedAt) or 0,
    tonumber(record.pausedAt) or 0, tonumber(record.endedAt) or 0)
  local item = { record.id, record.status, createdAt, record.startedAt, record.endedAt, changedAt, record.nonce,
    record.priority, record.labels, record.delayedUntil }
  for i = 1, #item do
    reply[#reply + 1] = item[i]
  end
  return true
end
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local statuses = item[1]
local anyStatus = item[2]
local labels = item[3]
local limit = item[4]
local examined = item[5]
local afterCreatedAt = item[6]
local afterId = item[7]
local from = item[8]
local to = item[9]
local newestFirst = item[10]
local idPrefix = item[11]
local endedFrom = item[12]
local endedTo = item[13]
local error = item[14]
local ENOUGH_BYTES = 1048576
local range = { from = from, to = to, afterCreatedAt = afterCreatedAt, afterId = afterId,
  isNewestFirst = newestFirst == "1" }

local isWanted, parts, total, leading = {}, {}, 0, false
for i = 1, #statuses do
  isWanted[statuses[i]] = true
  local part = partOf(statusKey(statuses[i]), range)
  total = total + part.count
  if part.count > 0 then
    parts[#parts + 1] = part
  end
end
-- Whatever leads to the fewest.
for i = 1, #labels do
  local part = partOf(labelKey(labels[i]), range)
  if part.count < total then
    parts, total, leading = { part }, part.count, i
  end
end

local function mayBeMeant(id)
  if string.sub(id, 1, #idPrefix) ~= idPrefix then
    return false
  end
  for i = 1, #labels do
    if i ~= leading and not redis.call("ZSCORE", labelKey(labels[i]), id) then
      return false
    end
  end
  return not leading or anyStatus == "1" or isWanted[redis.call("HGET", instanceKey(id), "status")]
end

local function isBetween(at, first, last)
  return (first == "" or (at and tonumber(at) >= tonumber(first)))
    and (last == "" or (at and tonumber(at) <= tonumber(last)))
end

local reply, read = { "found", total, "", "", {} }, 0

local function errorOf(id)
  local payload = redis.call("LINDEX", historyKey(id), -1)
  if not payload then
    return false
  end
  read = read + #payload
  return string.find(string.lower(payload), error[1], 1, true) and payload
end

local function look(found)
  local payload = mayBeMeant(found.id) and (not error[1] or errorOf(found.id))
  local record = payload and readSummary(found.id)
  if not record or not record.status or not isBetween(record.endedAt, endedFrom, endedTo) then
    return false
  elseif error[1] then
    table.insert(reply[5], payload)
  end
  pushSummary(reply, record, found.createdAt)
  return true
end

local count = 0
for _ = 1, tonumber(examined) do
  local found = takeFirst(parts)
  if not found then
    break
  end
  reply[3], reply[4] = found.createdAt, found.id
  count = count + (look(found) and 1 or 0)
  if count >= tonumber(limit) or read >= ENOUGH_BYTES then
    break
  end
end
if not isMore(parts) then
  reply[3], reply[4] = "", ""
end
return reply
end
return runBatch(run)
`,
};


export interface SendEventArgs {
  readonly id: ScriptValue;
  readonly type: ScriptValue;
  readonly payload: readonly ScriptValue[];
  readonly once: readonly ScriptValue[];
}

export const sendEvent: Script<SendEventArgs> = {
  name: "send-event",
  sha1: "1b6b9748fc32a2ba163cb865f54f92bb86b6988d",
  encode: (args) => [args.id, args.type, args.payload, args.once],
  lua: `local tag = KEYS[1]
local function instanceKey(id) return tag .. ":i:" .. id end
local function eventsKey(id) return tag .. ":e:" .. id end
local sequenceKey = tag .. ":sequence"
local positionKey = tag .. ":position"
local settingsKey = tag .. ":settings"
local pendingKey = tag .. ":pending"
local backlogKey = tag .. ":backlog"
local leasesKey = tag .. ":leases"
local timersKey = tag .. ":timers"
local outboxKey = tag .. ":outbox"
local function onceKey(job) return tag .. ":once:" .. job end
local function statusKey(status) return tag .. ":status:" .. status end
local feedChannel = tag .. ":feed"
local function workerChannel(workerId) return tag .. ":worker:" .. workerId end
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = now .. ""
local SUPPORTED_FORMAT = "1"
local function readFields(id, ...)
  local names = { ... }
  local values = redis.call("HMGET", instanceKey(id), ...)
  local record = { id = id }
  for i = 1, #names do
    record[names[i]] = values[i]
  end
  return record
end
local function parseFormat(record)
  local number, watchedUntil = string.match(record.format, "^(%d+) ?(%d*)\$")
  record.watchedUntil = tonumber(watchedUntil)
  return number or record.format
end
local function readRecord(id, ...)
  local record = readFields(id, "format", "status", ...)
  if record.format and record.format ~= SUPPORTED_FORMAT then
    local format = parseFormat(record)
    if tonumber(format) > tonumber(SUPPORTED_FORMAT) then
      error("NEWER_FORMAT " .. format .. " " .. SUPPORTED_FORMAT)
    end
  end
  return record
end
local slotLimit, feedUntil, outboxStatuses
local function readMark(mark)
  local watchedUntil, statuses = string.match(mark or "", "^(%d*) ?(.*)\$")
  feedUntil, outboxStatuses = tonumber(watchedUntil) or 0, statuses
end
local function readSettings()
  local fields = redis.call("HMGET", settingsKey, "concurrencyLimit", "mark")
  slotLimit = tonumber(fields[1] or 0)
  readMark(fields[2])
end
local OUTBOX_LIMIT = 1000000
local function dropOldest()
  local count = redis.call("XTRIM", outboxKey, "MAXLEN", "~", OUTBOX_LIMIT)
  if count > 0 then
    local before = string.match(redis.call("HGET", settingsKey, "outboxLost") or "0", "^%d+")
    redis.call("HSET", settingsKey, "outboxLost", (tonumber(before) + count) .. " " .. stamp)
  end
end
local function tellStatus(id, status)
  if not feedUntil then
    readSettings()
  end
  if feedUntil >= now then
    redis.call("PUBLISH", feedChannel, status .. " " .. stamp .. " " .. id)
  end
  if outboxStatuses ~= "" and string.find(outboxStatuses, "," .. status .. ",", 1, true) then
    redis.call("XADD", outboxKey, "*", "change", status .. " " .. stamp .. " " .. id)
    if redis.call("XLEN", outboxKey) > OUTBOX_LIMIT then
      dropOldest()
    end
  end
end
local function moveTo(id, record, status, ...)
  if record.status ~= status then
    redis.call("ZREM", statusKey(record.status), id)
    redis.call("ZADD", statusKey(status), record.createdAt, id)
    tellStatus(id, status)
  end
  redis.call("HSET", instanceKey(id), "status", status, ...)
end
local function underWay(record, where)
  return record.status == "rollingBack" and record.status or where
end
local FINISHED = { complete = true, errored = true, terminated = true }
local function freeSlots()
  if not slotLimit then
    readSettings()
  end
  if slotLimit == 0 then
    return math.huge
  end
  return slotLimit - redis.call("ZCARD", pendingKey) - redis.call("ZCARD", leasesKey)
end
local function rankOf(record)
  return record.startedAt and 0 or tonumber(record.priority)
end
local function pushRequest(reply, id, wakeUp, rank)
  local length = #reply
  reply[length + 1], reply[length + 2], reply[length + 3] = id, wakeUp, rank
end
local items = cmsgpack.unpack(ARGV[1])
local lastDrawn, lastReserved = 0, 0
local function reserveNumbers()
  local drawn, mark = string.match(redis.call("GET", sequenceKey) or "0", "^(%d+)(.*)\$")
  readMark(string.sub(mark, 2))
  local last = math.max(lastDrawn, tonumber(drawn))
  local first = math.max(last + 1, time[1] * 1000000 + time[2])
  redis.call("SET", sequenceKey, string.format("%.0f", first + #items - 1) .. mark)
  lastDrawn, lastReserved = first - 1, first + #items - 1
end
local function drawNumber()
  if lastDrawn == lastReserved then
    reserveNumbers()
  end
  lastDrawn = lastDrawn + 1
  return lastDrawn
end
local function enqueue(reply, id, rank, hasSlot)
  local wakeUp = drawNumber()
  if hasSlot or freeSlots() > 0 then
    redis.call("ZADD", pendingKey, stamp, id)
    pushRequest(reply, id, wakeUp, rank)
  else
    -- Rank first, then first come: 21 bits and 32 bits fill the 53 of a score.
    local position = redis.call("INCR", positionKey) % 4294967296
    redis.call("ZADD", backlogKey, rank * 4294967296 + position, id)
  end
  return wakeUp
end
local function makeRunnable(reply, id, record, hasSlot)
  local wakeUp = enqueue(reply, id, rankOf(record), hasSlot)
  moveTo(id, record, underWay(record, "queued"), "wakeUp", wakeUp, "worker", "", "claimNonce", "")
  return reply
end
local function isLeased(record)
  return record.status == "running" or record.status == "waitingForPause"
    -- One that rolls back is that in line and while it waits, too.
    or (record.status == "rollingBack" and redis.call("ZSCORE", leasesKey, record.id))
end
local function tellWorker(id, record, what)
  if isLeased(record) then
    redis.call("PUBLISH", workerChannel(record.worker), what .. " " .. record.fence .. " " .. id)
  end
end
local ONCE_MS = 604800000
local function forgetBefore(key, from)
  local done = redis.call("HGETALL", key)
  for i = 1, #done, 2 do
    if string.sub(done[i], 1, 2) == "i:" and tonumber(done[i + 1]) < from then
      redis.call("HDEL", key, done[i])
    end
  end
end
local function isFirstTime(record, once)
  if not once[1] then
    return true
  end
  local key, turn, createdAt = onceKey(once[1]), tonumber(once[2]), tonumber(record.createdAt)
  local known = redis.call("HMGET", key, "turn", "from")
  local knownTurn, from = tonumber(known[1] or -1), tonumber(known[2] or 0)
  if knownTurn > turn then
    return false
  elseif knownTurn < turn then
    forgetBefore(key, from)
    redis.call("HSET", key, "turn", turn, "from", record.createdAt)
    redis.call("PEXPIRE", key, ONCE_MS)
  elseif createdAt < from then
    redis.call("HSET", key, "from", record.createdAt)
  end
  return redis.call("HSETNX", key, "i:" .. record.id, record.createdAt) == 1
end
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local id = item[1]
local type = item[2]
local payload = item[3]
local once = item[4]
local record = readRecord(id, "fence", "worker", "awaits", "createdAt", "startedAt", "priority")
if not record.status then
  return { "missing" }
elseif FINISHED[record.status] then
  return { "refused", record.status }
elseif not isFirstTime(record, once) then
  return { "done" }
end

local seq = redis.call("HINCRBY", instanceKey(id), "eventSeq", 1)
local event = now .. " " .. type
if payload[1] then
  event = event .. " " .. payload[1]
end
redis.call("HSET", eventsKey(id), seq, event)
tellWorker(id, record, "news")
local isAwaited = record.status == "waiting"
  and string.find("\\n" .. record.awaits .. "\\n", "\\n" .. type .. "\\n", 1, true)
if isAwaited then
  redis.call("ZREM", timersKey, id)
  return makeRunnable({ "done" }, id, record)
end
return { "done" }
end
return runBatch(run)
`,
};


export interface SettlePauseArgs {
  readonly id: ScriptValue;
  readonly fence: ScriptValue;
  readonly commit: ScriptValue;
  readonly after: ScriptValue;
  readonly seenEvent: ScriptValue;
  readonly consumed: readonly ScriptValue[];
  readonly entries: readonly ScriptValue[];
}

export const settlePause: Script<SettlePauseArgs> = {
  name: "settle-pause",
  sha1: "bd535cf5db27a0cbe713f487d5624c9930d75d46",
  encode: (args) => [args.id, args.fence, args.commit, args.after, args.seenEvent, args.consumed, args.entries],
  lua: `local tag = KEYS[1]
local function instanceKey(id) return tag .. ":i:" .. id end
local function historyKey(id) return tag .. ":h:" .. id end
local function eventsKey(id) return tag .. ":e:" .. id end
local settingsKey = tag .. ":settings"
local pendingKey = tag .. ":pending"
local backlogKey = tag .. ":backlog"
local leasesKey = tag .. ":leases"
local timersKey = tag .. ":timers"
local outboxKey = tag .. ":outbox"
local expiryKey = tag .. ":expiry"
local function heldKey(schedule) return tag .. ":held:" .. schedule end
local function statusKey(status) return tag .. ":status:" .. status end
local feedChannel = tag .. ":feed"
local function historyChannel(id) return tag .. ":history:" .. id end
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = now .. ""
local SUPPORTED_FORMAT = "1"
local function readFields(id, ...)
  local names = { ... }
  local values = redis.call("HMGET", instanceKey(id), ...)
  local record = { id = id }
  for i = 1, #names do
    record[names[i]] = values[i]
  end
  return record
end
local function parseFormat(record)
  local number, watchedUntil = string.match(record.format, "^(%d+) ?(%d*)\$")
  record.watchedUntil = tonumber(watchedUntil)
  return number or record.format
end
local function readRecord(id, ...)
  local record = readFields(id, "format", "status", ...)
  if record.format and record.format ~= SUPPORTED_FORMAT then
    local format = parseFormat(record)
    if tonumber(format) > tonumber(SUPPORTED_FORMAT) then
      error("NEWER_FORMAT " .. format .. " " .. SUPPORTED_FORMAT)
    end
  end
  return record
end
local function isLeased(record)
  return record.status == "running" or record.status == "waitingForPause"
    -- One that rolls back is that in line and while it waits, too.
    or (record.status == "rollingBack" and redis.call("ZSCORE", leasesKey, record.id))
end
local function judge(record, fence, commit, after)
  if record.fence ~= fence or tonumber(record.commit) < tonumber(after) then
    return "stale"
  elseif tonumber(commit) <= tonumber(record.commit) then
    return "repeat"
  end
  return isLeased(record) and "current" or "stale"
end
local function tellWatchers(id, record)
  local watchedUntil = record.watchedUntil
  if watchedUntil and watchedUntil >= now then
    redis.call("PUBLISH", historyChannel(id), "changed")
  elseif watchedUntil then
    redis.call("HSET", instanceKey(id), "format", SUPPORTED_FORMAT)
  end
end
local MAX_PUSHED = 1000
local function push(id, items, from)
  local key = historyKey(id)
  for first = from, #items, MAX_PUSHED do
    redis.call("RPUSH", key, unpack(items, first, math.min(first + MAX_PUSHED - 1, #items)))
  end
end
local function append(id, record, entries, result)
  for i = 1, #entries do
    entries[i] = stamp .. entries[i]
  end
  entries[#entries + 1] = result
  push(id, entries, 1)
  if record.watchedUntil and #entries > 0 then
    tellWatchers(id, record)
  end
end
local function consume(id, events)
  local key = eventsKey(id)
  for i = 1, #events do
    redis.call("HDEL", key, events[i])
  end
end
local function hasUnseen(record, seenEvent)
  return record.eventSeq and tonumber(record.eventSeq) > tonumber(seenEvent)
end
local function pushNews(reply, id, record, seenEvent)
  local length = #reply
  reply[length + 1] = record.status == "waitingForPause" and 1 or 0
  reply[length + 2] = record.eventSeq or 0
  if hasUnseen(record, seenEvent) then
    local key = eventsKey(id)
    for seq = seenEvent + 1, tonumber(record.eventSeq) do
      local event = redis.call("HGET", key, seq)
      if event then
        reply[#reply + 1] = seq
        reply[#reply + 1] = event
      end
    end
  end
  return reply
end
local slotLimit, feedUntil, outboxStatuses
local function readMark(mark)
  local watchedUntil, statuses = string.match(mark or "", "^(%d*) ?(.*)\$")
  feedUntil, outboxStatuses = tonumber(watchedUntil) or 0, statuses
end
local function readSettings()
  local fields = redis.call("HMGET", settingsKey, "concurrencyLimit", "mark")
  slotLimit = tonumber(fields[1] or 0)
  readMark(fields[2])
end
local OUTBOX_LIMIT = 1000000
local function dropOldest()
  local count = redis.call("XTRIM", outboxKey, "MAXLEN", "~", OUTBOX_LIMIT)
  if count > 0 then
    local before = string.match(redis.call("HGET", settingsKey, "outboxLost") or "0", "^%d+")
    redis.call("HSET", settingsKey, "outboxLost", (tonumber(before) + count) .. " " .. stamp)
  end
end
local function tellStatus(id, status)
  if not feedUntil then
    readSettings()
  end
  if feedUntil >= now then
    redis.call("PUBLISH", feedChannel, status .. " " .. stamp .. " " .. id)
  end
  if outboxStatuses ~= "" and string.find(outboxStatuses, "," .. status .. ",", 1, true) then
    redis.call("XADD", outboxKey, "*", "change", status .. " " .. stamp .. " " .. id)
    if redis.call("XLEN", outboxKey) > OUTBOX_LIMIT then
      dropOldest()
    end
  end
end
local function moveTo(id, record, status, ...)
  if record.status ~= status then
    redis.call("ZREM", statusKey(record.status), id)
    redis.call("ZADD", statusKey(status), record.createdAt, id)
    tellStatus(id, status)
  end
  redis.call("HSET", instanceKey(id), "status", status, ...)
end
local function leavePlaces(id)
  redis.call("ZREM", pendingKey, id)
  redis.call("ZREM", backlogKey, id)
  redis.call("ZREM", leasesKey, id)
  redis.call("ZREM", timersKey, id)
  redis.call("ZREM", expiryKey, id)
end
local function freeSlots()
  if not slotLimit then
    readSettings()
  end
  if slotLimit == 0 then
    return math.huge
  end
  return slotLimit - redis.call("ZCARD", pendingKey) - redis.call("ZCARD", leasesKey)
end
local function rankOf(record)
  return record.startedAt and 0 or tonumber(record.priority)
end
local function pushRequest(reply, id, wakeUp, rank)
  local length = #reply
  reply[length + 1], reply[length + 2], reply[length + 3] = id, wakeUp, rank
end
local MAX_ADMITTED = 1000
local function admitUpTo(reply, count)
  local admitted = redis.call("ZPOPMIN", backlogKey, math.min(count, MAX_ADMITTED))
  for i = 1, #admitted, 2 do
    local id = admitted[i]
    local record = readFields(id, "wakeUp", "startedAt", "priority")
    if record.wakeUp then
      redis.call("ZADD", pendingKey, stamp, id)
      pushRequest(reply, id, record.wakeUp, rankOf(record))
    end
  end
end
local function admit(reply)
  local free = freeSlots()
  if free > 0 and free < math.huge then
    admitUpTo(reply, free)
  end
  return reply
end
local items = cmsgpack.unpack(ARGV[1])
local function lineOf(id)
  return string.find(id, " ", 1, true) and redis.call("HGET", instanceKey(id), "schedule")
end
local function settleAsPaused(reply, id, record, ...)
  leavePlaces(id)
  if record.status == "queued" and lineOf(id) then
    -- One that is held leaves the line; one that is active blocks it.
    redis.call("ZREM", heldKey(lineOf(id)), id)
  end
  append(id, record, { '{"type":"workflow_paused"}' })
  moveTo(id, record, "paused", "pausedAt", stamp, "worker", "", "claimNonce", "", ...)
  return admit(reply)
end
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local id = item[1]
local fence = item[2]
local commit = item[3]
local after = item[4]
local seenEvent = item[5]
local consumed = item[6]
local entries = item[7]
local record = readRecord(id, "fence", "commit", "committedAt", "eventSeq", "createdAt")
local judged = judge(record, fence, commit, after)
if judged == "stale" or (judged == "repeat" and not isLeased(record) and record.commit ~= commit) then
  return { "stale" }
elseif judged == "repeat" and not isLeased(record) then
  return { "paused", record.committedAt }
elseif judged == "repeat" then
  return pushNews({ "resumed", record.committedAt }, id, record, seenEvent)
end

append(id, record, entries)
consume(id, consumed)
if record.status == "waitingForPause" then
  return settleAsPaused({ "paused", now }, id, record, "commit", commit, "committedAt", stamp)
end
redis.call("HSET", instanceKey(id), "commit", commit, "committedAt", stamp)
return pushNews({ "resumed", now }, id, record, seenEvent)
end
return runBatch(run)
`,
};


export interface StartRollbackArgs {
  readonly id: ScriptValue;
  readonly fence: ScriptValue;
  readonly commit: ScriptValue;
  readonly after: ScriptValue;
  readonly seenEvent: ScriptValue;
  readonly consumed: readonly ScriptValue[];
  readonly entries: readonly ScriptValue[];
}

export const startRollback: Script<StartRollbackArgs> = {
  name: "start-rollback",
  sha1: "2a1ca15c5a416a35978a15b60f066ac995d64185",
  encode: (args) => [args.id, args.fence, args.commit, args.after, args.seenEvent, args.consumed, args.entries],
  lua: `local tag = KEYS[1]
local function instanceKey(id) return tag .. ":i:" .. id end
local function historyKey(id) return tag .. ":h:" .. id end
local function eventsKey(id) return tag .. ":e:" .. id end
local settingsKey = tag .. ":settings"
local leasesKey = tag .. ":leases"
local outboxKey = tag .. ":outbox"
local function statusKey(status) return tag .. ":status:" .. status end
local feedChannel = tag .. ":feed"
local function historyChannel(id) return tag .. ":history:" .. id end
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = now .. ""
local SUPPORTED_FORMAT = "1"
local function readFields(id, ...)
  local names = { ... }
  local values = redis.call("HMGET", instanceKey(id), ...)
  local record = { id = id }
  for i = 1, #names do
    record[names[i]] = values[i]
  end
  return record
end
local function parseFormat(record)
  local number, watchedUntil = string.match(record.format, "^(%d+) ?(%d*)\$")
  record.watchedUntil = tonumber(watchedUntil)
  return number or record.format
end
local function readRecord(id, ...)
  local record = readFields(id, "format", "status", ...)
  if record.format and record.format ~= SUPPORTED_FORMAT then
    local format = parseFormat(record)
    if tonumber(format) > tonumber(SUPPORTED_FORMAT) then
      error("NEWER_FORMAT " .. format .. " " .. SUPPORTED_FORMAT)
    end
  end
  return record
end
local function isLeased(record)
  return record.status == "running" or record.status == "waitingForPause"
    -- One that rolls back is that in line and while it waits, too.
    or (record.status == "rollingBack" and redis.call("ZSCORE", leasesKey, record.id))
end
local function judge(record, fence, commit, after)
  if record.fence ~= fence or tonumber(record.commit) < tonumber(after) then
    return "stale"
  elseif tonumber(commit) <= tonumber(record.commit) then
    return "repeat"
  end
  return isLeased(record) and "current" or "stale"
end
local function tellWatchers(id, record)
  local watchedUntil = record.watchedUntil
  if watchedUntil and watchedUntil >= now then
    redis.call("PUBLISH", historyChannel(id), "changed")
  elseif watchedUntil then
    redis.call("HSET", instanceKey(id), "format", SUPPORTED_FORMAT)
  end
end
local MAX_PUSHED = 1000
local function push(id, items, from)
  local key = historyKey(id)
  for first = from, #items, MAX_PUSHED do
    redis.call("RPUSH", key, unpack(items, first, math.min(first + MAX_PUSHED - 1, #items)))
  end
end
local function append(id, record, entries, result)
  for i = 1, #entries do
    entries[i] = stamp .. entries[i]
  end
  entries[#entries + 1] = result
  push(id, entries, 1)
  if record.watchedUntil and #entries > 0 then
    tellWatchers(id, record)
  end
end
local function consume(id, events)
  local key = eventsKey(id)
  for i = 1, #events do
    redis.call("HDEL", key, events[i])
  end
end
local function hasUnseen(record, seenEvent)
  return record.eventSeq and tonumber(record.eventSeq) > tonumber(seenEvent)
end
local function pushNews(reply, id, record, seenEvent)
  local length = #reply
  reply[length + 1] = record.status == "waitingForPause" and 1 or 0
  reply[length + 2] = record.eventSeq or 0
  if hasUnseen(record, seenEvent) then
    local key = eventsKey(id)
    for seq = seenEvent + 1, tonumber(record.eventSeq) do
      local event = redis.call("HGET", key, seq)
      if event then
        reply[#reply + 1] = seq
        reply[#reply + 1] = event
      end
    end
  end
  return reply
end
local slotLimit, feedUntil, outboxStatuses
local function readMark(mark)
  local watchedUntil, statuses = string.match(mark or "", "^(%d*) ?(.*)\$")
  feedUntil, outboxStatuses = tonumber(watchedUntil) or 0, statuses
end
local function readSettings()
  local fields = redis.call("HMGET", settingsKey, "concurrencyLimit", "mark")
  slotLimit = tonumber(fields[1] or 0)
  readMark(fields[2])
end
local OUTBOX_LIMIT = 1000000
local function dropOldest()
  local count = redis.call("XTRIM", outboxKey, "MAXLEN", "~", OUTBOX_LIMIT)
  if count > 0 then
    local before = string.match(redis.call("HGET", settingsKey, "outboxLost") or "0", "^%d+")
    redis.call("HSET", settingsKey, "outboxLost", (tonumber(before) + count) .. " " .. stamp)
  end
end
local function tellStatus(id, status)
  if not feedUntil then
    readSettings()
  end
  if feedUntil >= now then
    redis.call("PUBLISH", feedChannel, status .. " " .. stamp .. " " .. id)
  end
  if outboxStatuses ~= "" and string.find(outboxStatuses, "," .. status .. ",", 1, true) then
    redis.call("XADD", outboxKey, "*", "change", status .. " " .. stamp .. " " .. id)
    if redis.call("XLEN", outboxKey) > OUTBOX_LIMIT then
      dropOldest()
    end
  end
end
local function moveTo(id, record, status, ...)
  if record.status ~= status then
    redis.call("ZREM", statusKey(record.status), id)
    redis.call("ZADD", statusKey(status), record.createdAt, id)
    tellStatus(id, status)
  end
  redis.call("HSET", instanceKey(id), "status", status, ...)
end
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local id = item[1]
local fence = item[2]
local commit = item[3]
local after = item[4]
local seenEvent = item[5]
local consumed = item[6]
local entries = item[7]
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
end
return runBatch(run)
`,
};


export interface SurveyWorkflowArgs {
  readonly overdueMs: ScriptValue;
  readonly limit: ScriptValue;
}

export const surveyWorkflow: Script<SurveyWorkflowArgs> = {
  name: "survey-workflow",
  sha1: "9355b89fceb42c70a0d8b189b942b1fecc46c6f3",
  encode: (args) => [args.overdueMs, args.limit],
  lua: `local tag = KEYS[1]
local function instanceKey(id) return tag .. ":i:" .. id end
local settingsKey = tag .. ":settings"
local pendingKey = tag .. ":pending"
local backlogKey = tag .. ":backlog"
local leasesKey = tag .. ":leases"
local timersKey = tag .. ":timers"
local outboxKey = tag .. ":outbox"
local expiryKey = tag .. ":expiry"
local function heldKey(schedule) return tag .. ":held:" .. schedule end
local function statusKey(status) return tag .. ":status:" .. status end
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local overdueMs = item[1]
local limit = item[2]
local overdueBefore = "(" .. (now - tonumber(overdueMs))
local last = tonumber(limit) - 1
local strays, ghosts, seen = {}, {}, {}

local function isIn(place, id)
  return redis.call("ZSCORE", place, id) and true
end

local function isHeld(id)
  local schedule = redis.call("HGET", instanceKey(id), "schedule")
  return schedule and isIn(heldKey(schedule), id)
end

local function isQueued(id)
  return isIn(pendingKey, id) or isIn(backlogKey, id) or isIn(timersKey, id) or isHeld(id)
end

local function isLeased(id) return isIn(leasesKey, id) end
local function isKept(id) return isIn(expiryKey, id) end
local isPlaced = {
  queued = isQueued,
  running = isLeased,
  waitingForPause = isLeased,
  rollingBack = function(id) return isQueued(id) or isLeased(id) end,
  complete = isKept,
  errored = isKept,
  terminated = isKept,
}

local function look(key, check)
  local ids = redis.call("ZRANGE", key, 0, last)
  for i = 1, #ids do
    local id = ids[i]
    if redis.call("EXISTS", instanceKey(id)) == 0 then
      if not seen[id] then ghosts[#ghosts + 1] = id end
      seen[id] = true
    elseif check and not check(id) then
      strays[#strays + 1] = id
    end
  end
end

for status, check in pairs(isPlaced) do
  look(statusKey(status), check)
end
local settings = redis.call("HMGET", settingsKey, "concurrencyLimit", "outboxLost")
local reply = { "survey", now, redis.call("ZCARD", backlogKey), settings[1] or "", redis.call("XLEN", outboxKey),
  settings[2] or "" }
local places = { pendingKey, leasesKey, timersKey, expiryKey }
for i = 1, #places do
  look(places[i])
  local first = redis.call("ZRANGE", places[i], 0, 0, "WITHSCORES")
  reply[#reply + 1] = redis.call("ZCARD", places[i])
  reply[#reply + 1] = redis.call("ZCOUNT", places[i], "-inf", overdueBefore)
  reply[#reply + 1] = first[2] or ""
end
look(backlogKey)
reply[#reply + 1] = #strays
for i = 1, #strays do reply[#reply + 1] = strays[i] end
for i = 1, #ghosts do reply[#reply + 1] = ghosts[i] end
return reply
end
return runBatch(run)
`,
};


export interface SuspendInstanceArgs {
  readonly id: ScriptValue;
  readonly fence: ScriptValue;
  readonly commit: ScriptValue;
  readonly after: ScriptValue;
  readonly seenEvent: ScriptValue;
  readonly wakeAt: ScriptValue;
  readonly wakeInMs: ScriptValue;
  readonly awaits: ScriptValue;
  readonly consumed: readonly ScriptValue[];
  readonly entries: readonly ScriptValue[];
}

export const suspendInstance: Script<SuspendInstanceArgs> = {
  name: "suspend-instance",
  sha1: "26c391ec03dda9694626a7f840c837f341f2d42c",
  encode: (args) => [args.id, args.fence, args.commit, args.after, args.seenEvent, args.wakeAt, args.wakeInMs, args.awaits, args.consumed, args.entries],
  lua: `local tag = KEYS[1]
local function instanceKey(id) return tag .. ":i:" .. id end
local function historyKey(id) return tag .. ":h:" .. id end
local function eventsKey(id) return tag .. ":e:" .. id end
local settingsKey = tag .. ":settings"
local pendingKey = tag .. ":pending"
local backlogKey = tag .. ":backlog"
local leasesKey = tag .. ":leases"
local timersKey = tag .. ":timers"
local outboxKey = tag .. ":outbox"
local function statusKey(status) return tag .. ":status:" .. status end
local feedChannel = tag .. ":feed"
local function historyChannel(id) return tag .. ":history:" .. id end
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = now .. ""
local SUPPORTED_FORMAT = "1"
local function readFields(id, ...)
  local names = { ... }
  local values = redis.call("HMGET", instanceKey(id), ...)
  local record = { id = id }
  for i = 1, #names do
    record[names[i]] = values[i]
  end
  return record
end
local function parseFormat(record)
  local number, watchedUntil = string.match(record.format, "^(%d+) ?(%d*)\$")
  record.watchedUntil = tonumber(watchedUntil)
  return number or record.format
end
local function readRecord(id, ...)
  local record = readFields(id, "format", "status", ...)
  if record.format and record.format ~= SUPPORTED_FORMAT then
    local format = parseFormat(record)
    if tonumber(format) > tonumber(SUPPORTED_FORMAT) then
      error("NEWER_FORMAT " .. format .. " " .. SUPPORTED_FORMAT)
    end
  end
  return record
end
local function isLeased(record)
  return record.status == "running" or record.status == "waitingForPause"
    -- One that rolls back is that in line and while it waits, too.
    or (record.status == "rollingBack" and redis.call("ZSCORE", leasesKey, record.id))
end
local function judge(record, fence, commit, after)
  if record.fence ~= fence or tonumber(record.commit) < tonumber(after) then
    return "stale"
  elseif tonumber(commit) <= tonumber(record.commit) then
    return "repeat"
  end
  return isLeased(record) and "current" or "stale"
end
local function judgeEnding(record, fence, commit, after)
  local judged = judge(record, fence, commit, after)
  if judged == "repeat" and isLeased(record) then
    error("Write " .. commit .. " ends its activation under a number that another write has used")
  elseif judged == "repeat" and record.commit ~= commit then
    return "stale"
  end
  return judged
end
local function tellWatchers(id, record)
  local watchedUntil = record.watchedUntil
  if watchedUntil and watchedUntil >= now then
    redis.call("PUBLISH", historyChannel(id), "changed")
  elseif watchedUntil then
    redis.call("HSET", instanceKey(id), "format", SUPPORTED_FORMAT)
  end
end
local MAX_PUSHED = 1000
local function push(id, items, from)
  local key = historyKey(id)
  for first = from, #items, MAX_PUSHED do
    redis.call("RPUSH", key, unpack(items, first, math.min(first + MAX_PUSHED - 1, #items)))
  end
end
local function append(id, record, entries, result)
  for i = 1, #entries do
    entries[i] = stamp .. entries[i]
  end
  entries[#entries + 1] = result
  push(id, entries, 1)
  if record.watchedUntil and #entries > 0 then
    tellWatchers(id, record)
  end
end
local function consume(id, events)
  local key = eventsKey(id)
  for i = 1, #events do
    redis.call("HDEL", key, events[i])
  end
end
local function hasUnseen(record, seenEvent)
  return record.eventSeq and tonumber(record.eventSeq) > tonumber(seenEvent)
end
local function pushNews(reply, id, record, seenEvent)
  local length = #reply
  reply[length + 1] = record.status == "waitingForPause" and 1 or 0
  reply[length + 2] = record.eventSeq or 0
  if hasUnseen(record, seenEvent) then
    local key = eventsKey(id)
    for seq = seenEvent + 1, tonumber(record.eventSeq) do
      local event = redis.call("HGET", key, seq)
      if event then
        reply[#reply + 1] = seq
        reply[#reply + 1] = event
      end
    end
  end
  return reply
end
local slotLimit, feedUntil, outboxStatuses
local function readMark(mark)
  local watchedUntil, statuses = string.match(mark or "", "^(%d*) ?(.*)\$")
  feedUntil, outboxStatuses = tonumber(watchedUntil) or 0, statuses
end
local function readSettings()
  local fields = redis.call("HMGET", settingsKey, "concurrencyLimit", "mark")
  slotLimit = tonumber(fields[1] or 0)
  readMark(fields[2])
end
local OUTBOX_LIMIT = 1000000
local function dropOldest()
  local count = redis.call("XTRIM", outboxKey, "MAXLEN", "~", OUTBOX_LIMIT)
  if count > 0 then
    local before = string.match(redis.call("HGET", settingsKey, "outboxLost") or "0", "^%d+")
    redis.call("HSET", settingsKey, "outboxLost", (tonumber(before) + count) .. " " .. stamp)
  end
end
local function tellStatus(id, status)
  if not feedUntil then
    readSettings()
  end
  if feedUntil >= now then
    redis.call("PUBLISH", feedChannel, status .. " " .. stamp .. " " .. id)
  end
  if outboxStatuses ~= "" and string.find(outboxStatuses, "," .. status .. ",", 1, true) then
    redis.call("XADD", outboxKey, "*", "change", status .. " " .. stamp .. " " .. id)
    if redis.call("XLEN", outboxKey) > OUTBOX_LIMIT then
      dropOldest()
    end
  end
end
local function moveTo(id, record, status, ...)
  if record.status ~= status then
    redis.call("ZREM", statusKey(record.status), id)
    redis.call("ZADD", statusKey(status), record.createdAt, id)
    tellStatus(id, status)
  end
  redis.call("HSET", instanceKey(id), "status", status, ...)
end
local function underWay(record, where)
  return record.status == "rollingBack" and record.status or where
end
local function freeSlots()
  if not slotLimit then
    readSettings()
  end
  if slotLimit == 0 then
    return math.huge
  end
  return slotLimit - redis.call("ZCARD", pendingKey) - redis.call("ZCARD", leasesKey)
end
local function rankOf(record)
  return record.startedAt and 0 or tonumber(record.priority)
end
local function pushRequest(reply, id, wakeUp, rank)
  local length = #reply
  reply[length + 1], reply[length + 2], reply[length + 3] = id, wakeUp, rank
end
local MAX_ADMITTED = 1000
local function admitUpTo(reply, count)
  local admitted = redis.call("ZPOPMIN", backlogKey, math.min(count, MAX_ADMITTED))
  for i = 1, #admitted, 2 do
    local id = admitted[i]
    local record = readFields(id, "wakeUp", "startedAt", "priority")
    if record.wakeUp then
      redis.call("ZADD", pendingKey, stamp, id)
      pushRequest(reply, id, record.wakeUp, rankOf(record))
    end
  end
end
local function admit(reply)
  local free = freeSlots()
  if free > 0 and free < math.huge then
    admitUpTo(reply, free)
  end
  return reply
end
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local id = item[1]
local fence = item[2]
local commit = item[3]
local after = item[4]
local seenEvent = item[5]
local wakeAt = item[6]
local wakeInMs = item[7]
local awaits = item[8]
local consumed = item[9]
local entries = item[10]
local record = readRecord(id, "fence", "commit", "committedAt", "eventSeq", "createdAt")
local judged = judgeEnding(record, fence, commit, after)
if judged == "stale" then
  return { "stale" }
elseif judged == "repeat" then
  return { "suspended", record.committedAt }
elseif record.status == "waitingForPause" or hasUnseen(record, seenEvent) then
  return pushNews({ "arrived" }, id, record, seenEvent)
end

append(id, record, entries)
consume(id, consumed)
local wake = math.min(tonumber(wakeAt) or math.huge, wakeInMs ~= "" and now + wakeInMs or math.huge)
if wake < math.huge then
  redis.call("ZADD", timersKey, wake, id)
end
redis.call("ZREM", leasesKey, id)
moveTo(id, record, underWay(record, "waiting"), "commit", commit, "committedAt", stamp,
  "wakeAt", wake < math.huge and wake or "", "awaits", awaits, "worker", "", "claimNonce", "")
return admit({ "suspended", now })
end
return runBatch(run)
`,
};


export interface SweepStreamsArgs {
  readonly olderThanMs: ScriptValue;
  readonly limit: ScriptValue;
}

export const sweepStreams: Script<SweepStreamsArgs> = {
  name: "sweep-streams",
  sha1: "f231603f4928d94e0db390cb5f9595f03bde7540",
  encode: (args) => [args.olderThanMs, args.limit],
  lua: `local tag = KEYS[1]
local function instanceKey(id) return tag .. ":i:" .. id end
local function streamsKey(id) return tag .. ":s:" .. id end
local leasesKey = tag .. ":leases"
local openStreamsKey = tag .. ":streams"
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = now .. ""
local function readFields(id, ...)
  local names = { ... }
  local values = redis.call("HMGET", instanceKey(id), ...)
  local record = { id = id }
  for i = 1, #names do
    record[names[i]] = values[i]
  end
  return record
end
local function isLeased(record)
  return record.status == "running" or record.status == "waitingForPause"
    -- One that rolls back is that in line and while it waits, too.
    or (record.status == "rollingBack" and redis.call("ZSCORE", leasesKey, record.id))
end
local function holdsFence(record, fence)
  return record.fence == fence and isLeased(record)
end
local MAX_DISCARDED = 64
local function chunkField(stream, index)
  return stream .. "/" .. index
end
local function parseSize(text)
  local chunks, bytes = string.match(text or "0 0", "^(%d+) (%d+)\$")
  return tonumber(chunks), tonumber(bytes)
end
local function discardChunks(id, stream, limit)
  local key = streamsKey(id)
  local chunks, bytes = parseSize(redis.call("HGET", key, stream))
  local first, fields = math.max(0, chunks - limit), { stream }
  for index = first, chunks - 1 do
    bytes = bytes - redis.call("HSTRLEN", key, chunkField(stream, index))
    fields[#fields + 1] = chunkField(stream, index)
  end
  redis.call("HDEL", key, unpack(fields))
  if first > 0 then
    redis.call("HSET", key, stream, first .. " " .. math.max(0, bytes))
  else
    redis.call("ZREM", openStreamsKey, stream .. " " .. id)
  end
  return chunks - first, first == 0
end
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local olderThanMs = item[1]
local limit = item[2]
local due = redis.call("ZRANGEBYSCORE", openStreamsKey, "-inf", now - olderThanMs, "LIMIT", 0, limit)
local budget = MAX_DISCARDED
for i = 1, #due do
  local stream, fence, id = string.match(due[i], "^((%d+)%.%d+) (.+)\$")
  local record = readFields(id, "status", "fence")
  if holdsFence(record, fence) then
    redis.call("ZADD", openStreamsKey, stamp, due[i])
  elseif budget > 0 then
    budget = budget - discardChunks(id, stream, budget)
  end
end
return { "swept", (budget <= 0 or #due == tonumber(limit)) and 1 or 0 }
end
return runBatch(run)
`,
};


export interface TakeChangesArgs {
  readonly holder: ScriptValue;
  readonly limit: ScriptValue;
  readonly idleMs: ScriptValue;
}

export const takeChanges: Script<TakeChangesArgs> = {
  name: "take-changes",
  sha1: "7f8f412f3ab40f458292640e0fc510a5f66e3d07",
  encode: (args) => [args.holder, args.limit, args.idleMs],
  lua: `local tag = KEYS[1]
local settingsKey = tag .. ":settings"
local outboxKey = tag .. ":outbox"
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local holder = item[1]
local limit = item[2]
local idleMs = item[3]
local reply = { "taken", redis.call("HGET", settingsKey, "outboxLost") or "" }

local function add(entries)
  for i = 1, #entries do
    -- One that the limit of the outbox has removed is nil.
    if entries[i] and entries[i][2] then
      reply[#reply + 1] = entries[i][1]
      reply[#reply + 1] = entries[i][2][2]
    end
  end
end

if redis.call("EXISTS", outboxKey) == 0 then
  return reply
end
-- It is there already, most times.
redis.pcall("XGROUP", "CREATE", outboxKey, "relay", "0")
add(redis.call("XAUTOCLAIM", outboxKey, "relay", holder, idleMs, "0", "COUNT", limit)[2])
local fresh = redis.call("XREADGROUP", "GROUP", "relay", holder, "COUNT", limit, "STREAMS", outboxKey, ">")
add(fresh and fresh[1][2] or {})
return reply
end
return runBatch(run)
`,
};


export interface TerminateInstanceArgs {
  readonly id: ScriptValue;
}

export const terminateInstance: Script<TerminateInstanceArgs> = {
  name: "terminate-instance",
  sha1: "3236b7ea68222a0cdccff3bcc4ade068f9b917a8",
  encode: (args) => [args.id],
  lua: `local tag = KEYS[1]
local function instanceKey(id) return tag .. ":i:" .. id end
local function historyKey(id) return tag .. ":h:" .. id end
local function eventsKey(id) return tag .. ":e:" .. id end
local sequenceKey = tag .. ":sequence"
local positionKey = tag .. ":position"
local settingsKey = tag .. ":settings"
local pendingKey = tag .. ":pending"
local backlogKey = tag .. ":backlog"
local leasesKey = tag .. ":leases"
local timersKey = tag .. ":timers"
local outboxKey = tag .. ":outbox"
local expiryKey = tag .. ":expiry"
local function activeKey(schedule) return tag .. ":active:" .. schedule end
local function heldKey(schedule) return tag .. ":held:" .. schedule end
local function statusKey(status) return tag .. ":status:" .. status end
local finishedChannel = tag .. ":finished"
local feedChannel = tag .. ":feed"
local function historyChannel(id) return tag .. ":history:" .. id end
local function workerChannel(workerId) return tag .. ":worker:" .. workerId end
local SUPPORTED_FORMAT = "1"
local function readFields(id, ...)
  local names = { ... }
  local values = redis.call("HMGET", instanceKey(id), ...)
  local record = { id = id }
  for i = 1, #names do
    record[names[i]] = values[i]
  end
  return record
end
local function parseFormat(record)
  local number, watchedUntil = string.match(record.format, "^(%d+) ?(%d*)\$")
  record.watchedUntil = tonumber(watchedUntil)
  return number or record.format
end
local function readRecord(id, ...)
  local record = readFields(id, "format", "status", ...)
  if record.format and record.format ~= SUPPORTED_FORMAT then
    local format = parseFormat(record)
    if tonumber(format) > tonumber(SUPPORTED_FORMAT) then
      error("NEWER_FORMAT " .. format .. " " .. SUPPORTED_FORMAT)
    end
  end
  return record
end
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = now .. ""
local slotLimit, feedUntil, outboxStatuses
local function readMark(mark)
  local watchedUntil, statuses = string.match(mark or "", "^(%d*) ?(.*)\$")
  feedUntil, outboxStatuses = tonumber(watchedUntil) or 0, statuses
end
local function readSettings()
  local fields = redis.call("HMGET", settingsKey, "concurrencyLimit", "mark")
  slotLimit = tonumber(fields[1] or 0)
  readMark(fields[2])
end
local OUTBOX_LIMIT = 1000000
local function dropOldest()
  local count = redis.call("XTRIM", outboxKey, "MAXLEN", "~", OUTBOX_LIMIT)
  if count > 0 then
    local before = string.match(redis.call("HGET", settingsKey, "outboxLost") or "0", "^%d+")
    redis.call("HSET", settingsKey, "outboxLost", (tonumber(before) + count) .. " " .. stamp)
  end
end
local function tellStatus(id, status)
  if not feedUntil then
    readSettings()
  end
  if feedUntil >= now then
    redis.call("PUBLISH", feedChannel, status .. " " .. stamp .. " " .. id)
  end
  if outboxStatuses ~= "" and string.find(outboxStatuses, "," .. status .. ",", 1, true) then
    redis.call("XADD", outboxKey, "*", "change", status .. " " .. stamp .. " " .. id)
    if redis.call("XLEN", outboxKey) > OUTBOX_LIMIT then
      dropOldest()
    end
  end
end
local function moveTo(id, record, status, ...)
  if record.status ~= status then
    redis.call("ZREM", statusKey(record.status), id)
    redis.call("ZADD", statusKey(status), record.createdAt, id)
    tellStatus(id, status)
  end
  redis.call("HSET", instanceKey(id), "status", status, ...)
end
local function underWay(record, where)
  return record.status == "rollingBack" and record.status or where
end
local function leavePlaces(id)
  redis.call("ZREM", pendingKey, id)
  redis.call("ZREM", backlogKey, id)
  redis.call("ZREM", leasesKey, id)
  redis.call("ZREM", timersKey, id)
  redis.call("ZREM", expiryKey, id)
end
local FINISHED = { complete = true, errored = true, terminated = true }
local function tellWatchers(id, record)
  local watchedUntil = record.watchedUntil
  if watchedUntil and watchedUntil >= now then
    redis.call("PUBLISH", historyChannel(id), "changed")
  elseif watchedUntil then
    redis.call("HSET", instanceKey(id), "format", SUPPORTED_FORMAT)
  end
end
local MAX_PUSHED = 1000
local function push(id, items, from)
  local key = historyKey(id)
  for first = from, #items, MAX_PUSHED do
    redis.call("RPUSH", key, unpack(items, first, math.min(first + MAX_PUSHED - 1, #items)))
  end
end
local function append(id, record, entries, result)
  for i = 1, #entries do
    entries[i] = stamp .. entries[i]
  end
  entries[#entries + 1] = result
  push(id, entries, 1)
  if record.watchedUntil and #entries > 0 then
    tellWatchers(id, record)
  end
end
local function freeSlots()
  if not slotLimit then
    readSettings()
  end
  if slotLimit == 0 then
    return math.huge
  end
  return slotLimit - redis.call("ZCARD", pendingKey) - redis.call("ZCARD", leasesKey)
end
local function rankOf(record)
  return record.startedAt and 0 or tonumber(record.priority)
end
local function pushRequest(reply, id, wakeUp, rank)
  local length = #reply
  reply[length + 1], reply[length + 2], reply[length + 3] = id, wakeUp, rank
end
local MAX_ADMITTED = 1000
local function admitUpTo(reply, count)
  local admitted = redis.call("ZPOPMIN", backlogKey, math.min(count, MAX_ADMITTED))
  for i = 1, #admitted, 2 do
    local id = admitted[i]
    local record = readFields(id, "wakeUp", "startedAt", "priority")
    if record.wakeUp then
      redis.call("ZADD", pendingKey, stamp, id)
      pushRequest(reply, id, record.wakeUp, rankOf(record))
    end
  end
end
local function admit(reply)
  local free = freeSlots()
  if free > 0 and free < math.huge then
    admitUpTo(reply, free)
  end
  return reply
end
local function isLeased(record)
  return record.status == "running" or record.status == "waitingForPause"
    -- One that rolls back is that in line and while it waits, too.
    or (record.status == "rollingBack" and redis.call("ZSCORE", leasesKey, record.id))
end
local function tellWorker(id, record, what)
  if isLeased(record) then
    redis.call("PUBLISH", workerChannel(record.worker), what .. " " .. record.fence .. " " .. id)
  end
end
local function announceEnd(id)
  redis.call("PUBLISH", finishedChannel, id)
end
local items = cmsgpack.unpack(ARGV[1])
local lastDrawn, lastReserved = 0, 0
local function reserveNumbers()
  local drawn, mark = string.match(redis.call("GET", sequenceKey) or "0", "^(%d+)(.*)\$")
  readMark(string.sub(mark, 2))
  local last = math.max(lastDrawn, tonumber(drawn))
  local first = math.max(last + 1, time[1] * 1000000 + time[2])
  redis.call("SET", sequenceKey, string.format("%.0f", first + #items - 1) .. mark)
  lastDrawn, lastReserved = first - 1, first + #items - 1
end
local function drawNumber()
  if lastDrawn == lastReserved then
    reserveNumbers()
  end
  lastDrawn = lastDrawn + 1
  return lastDrawn
end
local function enqueue(reply, id, rank, hasSlot)
  local wakeUp = drawNumber()
  if hasSlot or freeSlots() > 0 then
    redis.call("ZADD", pendingKey, stamp, id)
    pushRequest(reply, id, wakeUp, rank)
  else
    -- Rank first, then first come: 21 bits and 32 bits fill the 53 of a score.
    local position = redis.call("INCR", positionKey) % 4294967296
    redis.call("ZADD", backlogKey, rank * 4294967296 + position, id)
  end
  return wakeUp
end
local function makeRunnable(reply, id, record, hasSlot)
  local wakeUp = enqueue(reply, id, rankOf(record), hasSlot)
  moveTo(id, record, underWay(record, "queued"), "wakeUp", wakeUp, "worker", "", "claimNonce", "")
  return reply
end
local function lineOf(id)
  return string.find(id, " ", 1, true) and redis.call("HGET", instanceKey(id), "schedule")
end
local function exitLine(id, line)
  if line then
    redis.call("ZREM", activeKey(line), id)
    redis.call("ZREM", heldKey(line), id)
  end
end
local function releaseHeld(reply, line, count)
  local held = redis.call("ZPOPMIN", heldKey(line), count)
  for i = 1, #held, 2 do
    redis.call("ZADD", activeKey(line), held[i + 1], held[i])
    makeRunnable(reply, held[i], readRecord(held[i], "createdAt", "startedAt", "priority"))
  end
end
local function advanceLine(reply, line)
  if line and redis.call("ZCARD", activeKey(line)) == 0 then
    releaseHeld(reply, line, 1)
  end
  return reply
end
local function terminate(id, record)
  tellWorker(id, record, "revoked")
  leavePlaces(id)
  append(id, record, { '{"type":"workflow_terminated"}' })
  redis.call("DEL", eventsKey(id))
  redis.call("ZADD", expiryKey, now + record.errorMs, id)
  moveTo(id, record, "terminated", "fence", drawNumber(), "endedAt", stamp,
    "worker", "", "claimNonce", "")
  announceEnd(id)
  local line = lineOf(id)
  exitLine(id, line)
  return advanceLine(admit({ "done" }), line)
end
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local id = item[1]
local record = readRecord(id, "fence", "worker", "createdAt", "errorMs")
if not record.status then
  return { "missing" }
elseif FINISHED[record.status] then
  return { "refused", record.status }
elseif record.status == "rollingBack" then
  return { "done" }
end
return terminate(id, record)
end
return runBatch(run)
`,
};


export interface TouchStoreArgs {
}

export const touchStore: Script<TouchStoreArgs> = {
  name: "touch-store",
  sha1: "e04f3b5e6884e7e6cfccc5eb3150f02eea9ca542",
  encode: (args) => [],
  lua: `local tag = KEYS[1]
local touchedKey = tag .. ":touched"
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
redis.call("SET", touchedKey, "", "PX", 60000)
return { "touched" }
end
return runBatch(run)
`,
};


export interface WakeDueArgs {
  readonly limit: ScriptValue;
}

export const wakeDue: Script<WakeDueArgs> = {
  name: "wake-due",
  sha1: "504084d57c2d65b57f980f02bb5398603affdd39",
  encode: (args) => [args.limit],
  lua: `local tag = KEYS[1]
local function instanceKey(id) return tag .. ":i:" .. id end
local sequenceKey = tag .. ":sequence"
local positionKey = tag .. ":position"
local settingsKey = tag .. ":settings"
local pendingKey = tag .. ":pending"
local backlogKey = tag .. ":backlog"
local leasesKey = tag .. ":leases"
local timersKey = tag .. ":timers"
local outboxKey = tag .. ":outbox"
local function statusKey(status) return tag .. ":status:" .. status end
local feedChannel = tag .. ":feed"
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = now .. ""
local function readFields(id, ...)
  local names = { ... }
  local values = redis.call("HMGET", instanceKey(id), ...)
  local record = { id = id }
  for i = 1, #names do
    record[names[i]] = values[i]
  end
  return record
end
local slotLimit, feedUntil, outboxStatuses
local function readMark(mark)
  local watchedUntil, statuses = string.match(mark or "", "^(%d*) ?(.*)\$")
  feedUntil, outboxStatuses = tonumber(watchedUntil) or 0, statuses
end
local function readSettings()
  local fields = redis.call("HMGET", settingsKey, "concurrencyLimit", "mark")
  slotLimit = tonumber(fields[1] or 0)
  readMark(fields[2])
end
local function freeSlots()
  if not slotLimit then
    readSettings()
  end
  if slotLimit == 0 then
    return math.huge
  end
  return slotLimit - redis.call("ZCARD", pendingKey) - redis.call("ZCARD", leasesKey)
end
local function rankOf(record)
  return record.startedAt and 0 or tonumber(record.priority)
end
local function pushRequest(reply, id, wakeUp, rank)
  local length = #reply
  reply[length + 1], reply[length + 2], reply[length + 3] = id, wakeUp, rank
end
local OUTBOX_LIMIT = 1000000
local function dropOldest()
  local count = redis.call("XTRIM", outboxKey, "MAXLEN", "~", OUTBOX_LIMIT)
  if count > 0 then
    local before = string.match(redis.call("HGET", settingsKey, "outboxLost") or "0", "^%d+")
    redis.call("HSET", settingsKey, "outboxLost", (tonumber(before) + count) .. " " .. stamp)
  end
end
local function tellStatus(id, status)
  if not feedUntil then
    readSettings()
  end
  if feedUntil >= now then
    redis.call("PUBLISH", feedChannel, status .. " " .. stamp .. " " .. id)
  end
  if outboxStatuses ~= "" and string.find(outboxStatuses, "," .. status .. ",", 1, true) then
    redis.call("XADD", outboxKey, "*", "change", status .. " " .. stamp .. " " .. id)
    if redis.call("XLEN", outboxKey) > OUTBOX_LIMIT then
      dropOldest()
    end
  end
end
local function moveTo(id, record, status, ...)
  if record.status ~= status then
    redis.call("ZREM", statusKey(record.status), id)
    redis.call("ZADD", statusKey(status), record.createdAt, id)
    tellStatus(id, status)
  end
  redis.call("HSET", instanceKey(id), "status", status, ...)
end
local function underWay(record, where)
  return record.status == "rollingBack" and record.status or where
end
local items = cmsgpack.unpack(ARGV[1])
local lastDrawn, lastReserved = 0, 0
local function reserveNumbers()
  local drawn, mark = string.match(redis.call("GET", sequenceKey) or "0", "^(%d+)(.*)\$")
  readMark(string.sub(mark, 2))
  local last = math.max(lastDrawn, tonumber(drawn))
  local first = math.max(last + 1, time[1] * 1000000 + time[2])
  redis.call("SET", sequenceKey, string.format("%.0f", first + #items - 1) .. mark)
  lastDrawn, lastReserved = first - 1, first + #items - 1
end
local function drawNumber()
  if lastDrawn == lastReserved then
    reserveNumbers()
  end
  lastDrawn = lastDrawn + 1
  return lastDrawn
end
local function enqueue(reply, id, rank, hasSlot)
  local wakeUp = drawNumber()
  if hasSlot or freeSlots() > 0 then
    redis.call("ZADD", pendingKey, stamp, id)
    pushRequest(reply, id, wakeUp, rank)
  else
    -- Rank first, then first come: 21 bits and 32 bits fill the 53 of a score.
    local position = redis.call("INCR", positionKey) % 4294967296
    redis.call("ZADD", backlogKey, rank * 4294967296 + position, id)
  end
  return wakeUp
end
local function makeRunnable(reply, id, record, hasSlot)
  local wakeUp = enqueue(reply, id, rankOf(record), hasSlot)
  moveTo(id, record, underWay(record, "queued"), "wakeUp", wakeUp, "worker", "", "claimNonce", "")
  return reply
end
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local limit = item[1]
local reply = { "due", now, "" }
local due = redis.call("ZRANGEBYSCORE", timersKey, "-inf", now, "LIMIT", 0, limit)
for i = 1, #due do
  local record = readFields(due[i], "status", "createdAt", "startedAt", "priority")
  redis.call("ZREM", timersKey, due[i])
  if record.status then
    makeRunnable(reply, due[i], record)
  end
end
reply[3] = redis.call("ZRANGE", timersKey, 0, 0, "WITHSCORES")[2] or ""
return reply
end
return runBatch(run)
`,
};


export interface WatchFeedArgs {
  readonly watchMs: ScriptValue;
}

export const watchFeed: Script<WatchFeedArgs> = {
  name: "watch-feed",
  sha1: "d4c8a0161fa3764c7541df0b14520f9300cfbcc3",
  encode: (args) => [args.watchMs],
  lua: `local tag = KEYS[1]
local sequenceKey = tag .. ":sequence"
local settingsKey = tag .. ":settings"
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local slotLimit, feedUntil, outboxStatuses
local function readMark(mark)
  local watchedUntil, statuses = string.match(mark or "", "^(%d*) ?(.*)\$")
  feedUntil, outboxStatuses = tonumber(watchedUntil) or 0, statuses
end
local function readSettings()
  local fields = redis.call("HMGET", settingsKey, "concurrencyLimit", "mark")
  slotLimit = tonumber(fields[1] or 0)
  readMark(fields[2])
end
local function writeMark(watchedUntil, statuses)
  local mark = watchedUntil .. " " .. statuses
  local drawn = string.match(redis.call("GET", sequenceKey) or "0", "^%d+")
  redis.call("HSET", settingsKey, "mark", mark)
  redis.call("SET", sequenceKey, drawn .. " " .. mark)
end
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local watchMs = item[1]
readSettings()
local wasWatched = feedUntil >= now
writeMark(math.max(feedUntil, now + watchMs), outboxStatuses)
return { "watched", wasWatched and 1 or 0 }
end
return runBatch(run)
`,
};


export interface WriteChunkArgs {
  readonly id: ScriptValue;
  readonly fence: ScriptValue;
  readonly stream: ScriptValue;
  readonly index: ScriptValue;
  readonly confirmed: ScriptValue;
  readonly limitBytes: ScriptValue;
  readonly bytes: ScriptValue;
}

export const writeChunk: Script<WriteChunkArgs> = {
  name: "write-chunk",
  sha1: "0e62f4b2c603713260c09048e53fa60d2bac07e6",
  encode: (args) => [args.id, args.fence, args.stream, args.index, args.confirmed, args.limitBytes, args.bytes],
  lua: `local tag = KEYS[1]
local function instanceKey(id) return tag .. ":i:" .. id end
local function streamsKey(id) return tag .. ":s:" .. id end
local leasesKey = tag .. ":leases"
local openStreamsKey = tag .. ":streams"
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = now .. ""
local SUPPORTED_FORMAT = "1"
local function readFields(id, ...)
  local names = { ... }
  local values = redis.call("HMGET", instanceKey(id), ...)
  local record = { id = id }
  for i = 1, #names do
    record[names[i]] = values[i]
  end
  return record
end
local function parseFormat(record)
  local number, watchedUntil = string.match(record.format, "^(%d+) ?(%d*)\$")
  record.watchedUntil = tonumber(watchedUntil)
  return number or record.format
end
local function readRecord(id, ...)
  local record = readFields(id, "format", "status", ...)
  if record.format and record.format ~= SUPPORTED_FORMAT then
    local format = parseFormat(record)
    if tonumber(format) > tonumber(SUPPORTED_FORMAT) then
      error("NEWER_FORMAT " .. format .. " " .. SUPPORTED_FORMAT)
    end
  end
  return record
end
local function isLeased(record)
  return record.status == "running" or record.status == "waitingForPause"
    -- One that rolls back is that in line and while it waits, too.
    or (record.status == "rollingBack" and redis.call("ZSCORE", leasesKey, record.id))
end
local function holdsFence(record, fence)
  return record.fence == fence and isLeased(record)
end
local function chunkField(stream, index)
  return stream .. "/" .. index
end
local function parseSize(text)
  local chunks, bytes = string.match(text or "0 0", "^(%d+) (%d+)\$")
  return tonumber(chunks), tonumber(bytes)
end
local items = cmsgpack.unpack(ARGV[1])
local ENOUGH_ANSWER_BYTES = 1048576
local answerBytes = 0
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end
local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
local function run(item)
local id = item[1]
local fence = item[2]
local stream = item[3]
local index = item[4]
local confirmed = item[5]
local limitBytes = item[6]
local bytes = item[7]
local record = readRecord(id, "fence")
local key = streamsKey(id)
local held = redis.call("HMGET", key, stream, "fence", "open", "kept")
local chunks, size = parseSize(held[1])
if not holdsFence(record, fence) or chunks < tonumber(confirmed) then
  return { "stale" }
elseif redis.call("HEXISTS", key, chunkField(stream, index)) == 1 then
  return { "written" }
end

-- What an earlier claim has written and not committed is nobody's any more.
local open = held[2] == fence and tonumber(held[3]) or 0
if tonumber(held[4] or 0) + open + #bytes > tonumber(limitBytes) then
  return { "full" }
end
redis.call("HSET", key, chunkField(stream, index), bytes,
  stream, math.max(chunks, index + 1) .. " " .. size + #bytes, "fence", fence, "open", open + #bytes)
redis.call("ZADD", openStreamsKey, stamp, stream .. " " .. id)
return { "written" }
end
return runBatch(run)
`,
};
