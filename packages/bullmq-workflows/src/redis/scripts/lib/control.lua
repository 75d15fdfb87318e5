--- Tells a worker about an instance that it runs. Needs the record's status, fence and worker.
--- @include keys fence
local function tellWorker(id, record, what)
  if isLeased(record) then
    redis.call("PUBLISH", workerChannel(record.worker), what .. " " .. record.fence .. " " .. id)
  end
end

--- Tells whoever waits for its end.
local function announceEnd(id)
  redis.call("PUBLISH", finishedChannel, id)
end

--- Everybody who listens gets it, also those who wait for others: so only if it is short.
local MAX_TOLD_BYTES = 1024

--- Tells them how `run` ended as well, and under which fence.
local function announceResult(id, fence, status, result)
  if #result > MAX_TOLD_BYTES then
    return announceEnd(id)
  end
  redis.call("PUBLISH", finishedChannel, id .. "\n" .. fence .. " " .. status .. " " .. result)
end
