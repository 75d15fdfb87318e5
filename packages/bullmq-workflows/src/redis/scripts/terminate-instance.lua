--- Ends an instance from outside. One that rolls back ends when that is done.
--- @keys tag
--- @args id
--- @returns { "done", request* } | { "refused", status } | { "missing" }
--- @include record place terminate
local record = readRecord(id, "fence", "worker", "createdAt", "errorMs")
if not record.status then
  return { "missing" }
elseif FINISHED[record.status] then
  return { "refused", record.status }
elseif record.status == "rollingBack" then
  return { "done" }
end
return terminate(id, record)
