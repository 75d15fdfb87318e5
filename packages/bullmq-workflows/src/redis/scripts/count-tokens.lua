--- Counts the tokens.
--- @keys tag
--- @returns { "count", count }
--- @include keys
return { "count", redis.call("HLEN", tokensKey) }
