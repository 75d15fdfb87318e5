--- The hash of an instance's streams: each piece, and of each stream how many there are up to the last one,
--- and of how many bytes. What streams are kept takes, and those that the claim with this fence writes.
--- @include keys

--- In one script at most: 16 MiB, which take Redis a millisecond to free.
local MAX_DISCARDED = 64

local function chunkField(stream, index)
  return stream .. "/" .. index
end

local function parseSize(text)
  local chunks, bytes = string.match(text or "0 0", "^(%d+) (%d+)$")
  return tonumber(chunks), tonumber(bytes)
end

--- Removes pieces from the last one on; answers how many, and whether none is left.
local function discardChunks(id, stream, limit)
  local key = streamsKey(id)
  local chunks, bytes = parseSize(redis.call("HGET", key, stream))
  local first, fields = math.max(0, chunks - limit), { stream }
  for index = first, chunks - 1 do
    bytes = bytes - redis.call("HSTRLEN", key, chunkField(stream, index))
    fields[#fields + 1] = chunkField(stream, index)
  end
  redis.call("HDEL", key, unpack(fields))
  if first > 0 then
    redis.call("HSET", key, stream, first .. " " .. math.max(0, bytes))
  else
    redis.call("ZREM", openStreamsKey, stream .. " " .. id)
  end
  return chunks - first, first == 0
end
