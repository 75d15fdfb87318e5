--- Removes pieces of a stream that nothing refers to.
--- @keys tag
--- @args id stream
--- @returns { "discarded", isDone }
--- @include keys streams
local key = streamsKey(id)
local held = redis.call("HMGET", key, "fence", "open", stream)
local _, before = parseSize(held[3])
local _, isDone = discardChunks(id, stream, MAX_DISCARDED)
-- Room for the claim that has written it, if that is the last one that wrote.
if held[1] and string.find(stream, held[1] .. ".", 1, true) == 1 then
  local _, after = parseSize(redis.call("HGET", key, stream))
  redis.call("HSET", key, "open", math.max(0, held[2] - before + after))
end
return { "discarded", isDone and 1 or 0 }
