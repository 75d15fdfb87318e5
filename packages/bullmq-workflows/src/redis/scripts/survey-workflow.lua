--- Looks for instances that are late, and for what does not fit together. Changes nothing. Of each index at
--- most `limit` are looked at, the oldest, so that it costs the same however many there are.
--- @keys tag
--- @args overdueMs limit
--- @returns { "survey", now, backlog, concurrencyLimit, outbox, outboxLost, (count, overdueCount, firstAt)*, strays, (id)*, (ghost)* }
--- @include keys clock
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

--- Where an instance in each status is when all is well. Others are moved from outside alone.
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
