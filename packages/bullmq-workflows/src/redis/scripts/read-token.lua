--- Reads what is known of a token.
--- @keys tag
--- @args id
--- @returns { "token", text | false }
--- @include keys
return { "token", redis.call("HGET", tokensKey, id) }
