--- Starts an instance over with a part of its history, unless that is not the one any more from which the part
--- was taken. Streams that nothing refers to then are swept.
--- @keys tag
--- @args id length last prefix rest[] streams[] sizes[]
--- @returns { "done", request* } | { "changed" } | { "missing" }
--- @include keys record fence history ids restart streams
local record = readRecord(id, "fence", "worker", "createdAt", "priority", "lastId", "orphan")
if not record.status then
  return { "missing" }
end
local entries = redis.call("LLEN", historyKey(id)) - 1 - (hasResult(record.status) and 1 or 0)
if entries ~= tonumber(length) or redis.call("LINDEX", historyKey(id), entries) ~= last then
  return { "changed" }
end

-- Without memory Redis lets a script write that has begun with a write which frees some.
local items = redis.call("LLEN", historyKey(id))
redis.call("LTRIM", historyKey(id), 0, prefix)
local lastId = takeIds(id, record, items)
if #rest > 0 then
  -- They would get ids that what is wiped before them has had.
  redis.call("RPUSH", historyKey(id), string.match(rest[1], "^%d+") .. '{"type":"history_cut","lastId":' .. lastId .. "}")
  push(id, rest, 1)
end
for i = 1, #streams do
  local _, bytes = parseSize(sizes[i])
  redis.call("ZADD", openStreamsKey, 0, streams[i] .. " " .. id)
  if bytes > 0 then
    redis.call("HINCRBY", streamsKey(id), "kept", -bytes)
  end
end
local isUnsure = isLeased(record) or record.orphan
local reply = startOver(id, record, lastId)
if isUnsure then
  -- Who ran it may not have waited yet until what is kept is safe.
  redis.call("HSET", instanceKey(id), "orphan", "adopted")
end
return reply
