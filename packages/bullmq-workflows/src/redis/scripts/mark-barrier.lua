--- Writes something, so that the connection has a write to wait for even when all before it were repeats.
--- @keys tag
--- @returns { "marked" }
--- @include keys
redis.call("SET", barrierKey, "1")
return { "marked" }
