--- Starts an instance over, whatever its status: only its params, priority and creation remain.
--- @keys tag
--- @args id
--- @returns { "done", request* } | { "missing" }
--- @include keys record ids restart
local record = readRecord(id, "fence", "worker", "createdAt", "priority", "lastId")
if not record.status then
  return { "missing" }
end

local lastId = takeIds(id, record, redis.call("LLEN", historyKey(id)))
redis.call("LTRIM", historyKey(id), 0, 0)
redis.call("UNLINK", streamsKey(id))
return startOver(id, record, lastId)
