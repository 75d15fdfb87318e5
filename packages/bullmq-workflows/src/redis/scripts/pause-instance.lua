--- Pauses an instance: at once, or when its activation has come to a rest.
--- @keys tag
--- @args id
--- @returns { "done", request* } | { "missing" }
--- @include record place control pause
local record = readRecord(id, "fence", "worker", "createdAt")
if not record.status then
  return { "missing" }
elseif record.status == "running" then
  moveTo(id, record, "waitingForPause")
  tellWorker(id, record, "news")
elseif record.status == "queued" or record.status == "waiting" then
  return settleAsPaused({ "done" }, id, record)
end
return { "done" }
