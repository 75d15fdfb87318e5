--- The line of a schedule: its unfinished instances that may run are `active`; with `overlap: "queue"`
--- others are `held`, the earliest first, until none is active. Nobody else's id has a space in it.
--- @include keys record runnable

--- The schedule that started it, if one did. To be asked before the instance is removed.
local function lineOf(id)
  return string.find(id, " ", 1, true) and redis.call("HGET", instanceKey(id), "schedule")
end

--- Takes it out of its line; the next one is not told yet.
local function exitLine(id, line)
  if line then
    redis.call("ZREM", activeKey(line), id)
    redis.call("ZREM", heldKey(line), id)
  end
end

--- Lets so many of those that are held run, the earliest first.
local function releaseHeld(reply, line, count)
  local held = redis.call("ZPOPMIN", heldKey(line), count)
  for i = 1, #held, 2 do
    redis.call("ZADD", activeKey(line), held[i + 1], held[i])
    makeRunnable(reply, held[i], readRecord(held[i], "createdAt", "startedAt", "priority"))
  end
end

--- Lets the first that is held run, once nobody is active.
local function advanceLine(reply, line)
  if line and redis.call("ZCARD", activeKey(line)) == 0 then
    releaseHeld(reply, line, 1)
  end
  return reply
end
