--- Removes a token.
--- @keys tag
--- @args id
--- @returns { "removed" } | { "missing" }
--- @include keys
return { redis.call("HDEL", tokensKey, id) == 1 and "removed" or "missing" }
