--- The list of an instance: its params, the entries of its history, then its output or error. So the
--- hash has short values only, which Redis keeps in a third of the memory.
--- @include keys clock watch
local MAX_PUSHED = 1000 -- what Lua's stack has room for, and to spare

--- Appends items of a list from one on, as they are.
local function push(id, items, from)
  local key = historyKey(id)
  for first = from, #items, MAX_PUSHED do
    redis.call("RPUSH", key, unpack(items, first, math.min(first + MAX_PUSHED - 1, #items)))
  end
end

--- Appends entries, each with its instant in front, and maybe the result as it is.
local function append(id, record, entries, result)
  for i = 1, #entries do
    entries[i] = stamp .. entries[i]
  end
  entries[#entries + 1] = result
  push(id, entries, 1)
  if record.watchedUntil and #entries > 0 then
    tellWatchers(id, record)
  end
end

--- Takes events out of the buffer that the entries handed to a wait.
local function consume(id, events)
  local key = eventsKey(id)
  for i = 1, #events do
    redis.call("HDEL", key, events[i])
  end
end

--- Whether the list ends with an output or an error.
local function hasResult(status)
  return status == "complete" or status == "errored"
end
