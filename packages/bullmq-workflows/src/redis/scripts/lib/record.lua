--- Reads an instance's fields by name; one that it does not have is false. Its format may bear a mark:
--- until when somebody watches the history. So nobody has to look for one.
--- @include keys
local SUPPORTED_FORMAT = "1"

local function readFields(id, ...)
  local names = { ... }
  local values = redis.call("HMGET", instanceKey(id), ...)
  local record = {}
  for i = 1, #names do
    record[names[i]] = values[i]
  end
  return record
end

--- The format's number, and the mark.
local function parseFormat(record)
  local number, watchedUntil = string.match(record.format, "^(%d+) ?(%d*)$")
  record.watchedUntil = tonumber(watchedUntil)
  return number or record.format
end

--- Also reads its status, and refuses what a newer library wrote: its meaning is not known here.
local function readRecord(id, ...)
  local record = readFields(id, "format", "status", ...)
  if record.format and record.format ~= SUPPORTED_FORMAT then
    local format = parseFormat(record)
    if tonumber(format) > tonumber(SUPPORTED_FORMAT) then
      error("NEWER_FORMAT " .. format .. " " .. SUPPORTED_FORMAT)
    end
  end
  return record
end
