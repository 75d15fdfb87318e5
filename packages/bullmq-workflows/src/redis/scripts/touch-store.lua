--- Writes something of no importance, which shows that Redis takes writes.
--- @keys tag
--- @returns { "touched" }
--- @include keys
redis.call("SET", touchedKey, "", "PX", 60000)
return { "touched" }
