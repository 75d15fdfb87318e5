--- Streams that entries refer to: whether all of each is there, and that it stays.
--- @include keys streams
local function areThere(id, streams, sizes)
  for i = 1, #streams do
    if sizes[i] ~= "0 0" and redis.call("HGET", streamsKey(id), streams[i]) ~= sizes[i] then
      return false
    end
  end
  return true
end

--- Nobody sweeps them any more.
local function keepStreams(id, streams, sizes)
  local key, total = streamsKey(id), 0
  for i = 1, #streams do
    local _, bytes = parseSize(sizes[i])
    if redis.call("ZREM", openStreamsKey, streams[i] .. " " .. id) == 1 then
      total = total + bytes
    end
  end
  if total > 0 then
    redis.call("HINCRBY", key, "kept", total)
    redis.call("HINCRBY", key, "open", -total)
  end
end
