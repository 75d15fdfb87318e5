--- Gives free slots to the first of the backlog.
--- @include keys clock record slots

--- In one script at most, so that lifting the limit does not block Redis for long.
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

--- For whenever a slot may have become free. Without a limit there is no backlog to look at.
local function admit(reply)
  local free = freeSlots()
  if free > 0 and free < math.huge then
    admitUpTo(reply, free)
  end
  return reply
end
