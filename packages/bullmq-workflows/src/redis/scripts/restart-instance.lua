--- Starts an instance over, whatever its status: only its params, priority and creation remain.
--- @keys tag
--- @args id once[]
--- @returns { "done", request* } | { "missing" }
--- @include keys record ids restart once
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
