--- Reads an instance's whole history.
--- @keys tag
--- @args id
--- @returns { "history", entry* }
--- @include keys record history
local record = readRecord(id)
local reply = redis.call("LRANGE", historyKey(id), 0, hasResult(record.status) and -2 or -1)
reply[1] = "history" -- where the params were
return reply
