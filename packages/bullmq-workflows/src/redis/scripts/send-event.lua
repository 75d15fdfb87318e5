--- Keeps an event until a wait consumes it, and wakes the instance if it waits for that type.
--- @keys tag
--- @args id type payload[] once[]
--- @returns { "done", request* } | { "refused", status } | { "missing" }
--- @include keys clock record place runnable control once
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
  and string.find("\n" .. record.awaits .. "\n", "\n" .. type .. "\n", 1, true)
if isAwaited then
  redis.call("ZREM", timersKey, id)
  return makeRunnable({ "done" }, id, record)
end
return { "done" }
