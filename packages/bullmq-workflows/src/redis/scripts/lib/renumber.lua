--- Events that were lost leave numbers that new ones get again, and whoever has seen the lost ones would
--- take the new ones for seen. Gives those, and all to come, numbers that nobody has seen.
--- @include keys control
local function renumberEvents(id, record, lastEvent, lastEventAt)
  local last = math.max(lastEvent, tonumber(record.eventSeq or 0))
  local key = eventsKey(id)
  local events = lastEvent > 0 and redis.call("HGETALL", key) or {}
  local reused = {}
  for i = 1, #events, 2 do
    local at = tonumber(string.match(events[i + 1], "^%d+"))
    if tonumber(events[i]) <= lastEvent and at > lastEventAt then
      reused[#reused + 1] = { tonumber(events[i]), events[i + 1] }
    end
  end
  table.sort(reused, function(a, b) return a[1] < b[1] end)
  for i = 1, #reused do
    last = last + 1
    redis.call("HDEL", key, reused[i][1])
    redis.call("HSET", key, last, reused[i][2])
  end
  if last > tonumber(record.eventSeq or 0) then
    redis.call("HSET", instanceKey(id), "eventSeq", last)
    tellWorker(id, record, "news")
  end
end
