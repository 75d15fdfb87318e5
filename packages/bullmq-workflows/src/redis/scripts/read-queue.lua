--- Tells how the line stands. What it costs depends neither on how many wait nor on how many there are.
--- @keys tag
--- @returns { "queue", now, limit, active, pending, backlog, delayed, held, oldestWakeUp }
--- @include keys clock schedules slots
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
-- Those that roll back are in the same lines, and are not `queued`.
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
