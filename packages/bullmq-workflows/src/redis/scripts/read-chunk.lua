--- Reads a piece of a stream.
--- @keys tag
--- @args id stream index
--- @returns { "chunk", bytes } | { "missing" }
--- @include keys streams
local bytes = redis.call("HGET", streamsKey(id), chunkField(stream, index))
return bytes and { "chunk", bytes } or { "missing" }
