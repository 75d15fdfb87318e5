--- Removes an instance, whatever its status. Its id may be used again at once.
--- @keys tag
--- @args id
--- @returns { "done", request* } | { "missing" }
--- @include record remove admit control deleted watch line
local record = readRecord(id, "fence", "worker", "labels")
if not record.status then
  return { "missing" }
end

tellWorker(id, record, "revoked")
tellWatchers(id, record)
local line = lineOf(id)
exitLine(id, line)
remove(id, record)
markDeleted(id)
announceEnd(id)
return advanceLine(admit({ "done" }), line)
