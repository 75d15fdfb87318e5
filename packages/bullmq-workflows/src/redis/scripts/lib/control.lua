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
