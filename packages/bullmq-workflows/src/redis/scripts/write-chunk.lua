--- Keeps a piece of a stream that a running attempt writes, if the instance has room for it.
--- @keys tag
--- @args id fence stream index confirmed limitBytes bytes
--- @returns { "written" } | { "full" } | { "stale" }
--- @include keys clock record fence streams
local record = readRecord(id, "fence")
local key = streamsKey(id)
local held = redis.call("HMGET", key, stream, "fence", "open", "kept")
local chunks, size = parseSize(held[1])
if not holdsFence(record, fence) or chunks < tonumber(confirmed) then
  return { "stale" }
elseif redis.call("HEXISTS", key, chunkField(stream, index)) == 1 then
  return { "written" }
end

-- What an earlier claim has written and not committed is nobody's any more.
local open = held[2] == fence and tonumber(held[3]) or 0
if tonumber(held[4] or 0) + open + #bytes > tonumber(limitBytes) then
  return { "full" }
end
redis.call("HSET", key, chunkField(stream, index), bytes,
  stream, math.max(chunks, index + 1) .. " " .. size + #bytes, "fence", fence, "open", open + #bytes)
redis.call("ZADD", openStreamsKey, stamp, stream .. " " .. id)
return { "written" }
