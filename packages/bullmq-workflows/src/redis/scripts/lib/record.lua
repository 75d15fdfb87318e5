--- Reads an instance's fields by name; one that it does not have is false.
--- @include keys
local SUPPORTED_FORMAT = 1

local function readFields(id, ...)
  local names = { ... }
  local values = redis.call("HMGET", instanceKey(id), ...)
  local record = { id = id }
  for i = 1, #names do
    record[names[i]] = values[i]
  end
  return record
end

--- Also reads its status, and refuses what a newer library wrote: its meaning is not known here.
local function readRecord(id, ...)
  local record = readFields(id, "format", "status", ...)
  if record.format and tonumber(record.format) > SUPPORTED_FORMAT then
    error("NEWER_FORMAT " .. record.format .. " " .. SUPPORTED_FORMAT)
  end
  return record
end
