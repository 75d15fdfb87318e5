--- Takes events out of the buffer again that entries put back say were taken. Their numbers are no measure:
--- they may be those of newer events now, and not everybody who knows such an entry has known the number.
--- @include keys
local function retakeEvents(id, events)
  local count = {}
  for i = 1, #events do
    count[events[i]] = (count[events[i]] or 0) + 1
  end
  local key = eventsKey(id)
  local buffered = #events > 0 and redis.call("HGETALL", key) or {}
  local found = {}
  for i = 1, #buffered, 2 do
    if count[buffered[i + 1]] then
      found[#found + 1] = { tonumber(buffered[i]), buffered[i + 1] }
    end
  end
  -- Of several that are alike in everything else, the first was taken first.
  table.sort(found, function(a, b) return a[1] < b[1] end)
  for i = 1, #found do
    local event = found[i][2]
    if count[event] > 0 then
      redis.call("HDEL", key, found[i][1])
      count[event] = count[event] - 1
    end
  end
end
