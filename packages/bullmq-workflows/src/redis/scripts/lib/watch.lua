--- Whoever wants to hear of changes to an instance's history leaves a mark, which stands behind the format.
--- @include keys clock record

--- Marks it. A Redis without memory refuses an HSET, unless its script has written before.
local function watch(id, watchMs)
  redis.call("HDEL", instanceKey(id), "watch")
  redis.call("HSET", instanceKey(id), "format", SUPPORTED_FORMAT .. " " .. (now + watchMs))
end

--- Tells those who watch, before anything is deleted. The last of them did not take the mark away.
local function tellWatchers(id, record)
  local watchedUntil = record.watchedUntil
  if watchedUntil and watchedUntil >= now then
    redis.call("PUBLISH", historyChannel(id), "changed")
  elseif watchedUntil then
    redis.call("HSET", instanceKey(id), "format", SUPPORTED_FORMAT)
  end
end

--- It starts after so many entries: most often after none, which need not be noted.
local function noteStart(id, record, entries)
  if entries > 0 then
    redis.call("HSET", instanceKey(id), "startedAfter", entries)
  end
  tellWatchers(id, record)
end
