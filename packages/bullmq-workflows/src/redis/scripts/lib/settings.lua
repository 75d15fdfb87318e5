--- What all workers share, read once for a batch: the concurrency limit, and a mark that says who is to hear
--- of changes of status: `<until when the feed is watched> <,statuses,that,the,outbox,keeps,>`. The mark also
--- stands behind the sequence. Where a status changes one of the two is read anyway, so it costs nothing.
--- @include keys
local slotLimit, feedUntil, outboxStatuses

local function readMark(mark)
  local watchedUntil, statuses = string.match(mark or "", "^(%d*) ?(.*)$")
  feedUntil, outboxStatuses = tonumber(watchedUntil) or 0, statuses
end

local function readSettings()
  local fields = redis.call("HMGET", settingsKey, "concurrencyLimit", "mark")
  slotLimit = tonumber(fields[1] or 0)
  readMark(fields[2])
end

local function writeMark(watchedUntil, statuses)
  local mark = watchedUntil .. " " .. statuses
  local drawn = string.match(redis.call("GET", sequenceKey) or "0", "^%d+")
  redis.call("HSET", settingsKey, "mark", mark)
  redis.call("SET", sequenceKey, drawn .. " " .. mark)
end
