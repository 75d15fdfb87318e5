--- Tells where an instance is, and what its place is like.
--- @keys tag
--- @args id
--- @returns { "located", now, status, createdAt, place, placedAt, ahead, limit, taken, wakeUp, fence, worker, startedAt, endedAt, pausedAt, delayedUntil, awaits, heldBy } | { "missing" }
--- @include keys clock record slots
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
