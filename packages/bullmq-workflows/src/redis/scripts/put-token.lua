--- Keeps what is known of a token.
--- @keys tag
--- @args id text
--- @returns { "kept" }
--- @include keys
redis.call("HSET", tokensKey, id, text)
return { "kept" }
