--- Into the line of a schedule.
--- @include keys place line

--- Forgets who has ended or is not there any more, so that a line cannot stand still for ever.
local function healLine(line)
  local active = redis.call("ZRANGE", activeKey(line), 0, -1)
  for i = 1, #active do
    local status = redis.call("HGET", instanceKey(active[i]), "status")
    if not status or FINISHED[status] then
      redis.call("ZREM", activeKey(line), active[i])
    end
  end
end

--- Puts it into its line; answers whether it may run.
local function enterLine(id, line, time, queues)
  local isHeld = queues and redis.call("ZCARD", activeKey(line)) > 0
  redis.call("ZADD", isHeld and heldKey(line) or activeKey(line), time, id)
  return not isHeld
end

--- The same for one that begins again: who is active may stay so.
local function reenterLine(id, line)
  if redis.call("ZSCORE", activeKey(line), id) then
    return true
  end
  redis.call("ZREM", heldKey(line), id)
  local overlap = redis.call("HGET", instanceKey(id), "overlap")
  return enterLine(id, line, string.match(id, "%d+$"), overlap == "queue")
end
