--- Reads all tokens.
--- @keys tag
--- @returns { "tokens", (id, text)* }
--- @include keys
local reply = redis.call("HGETALL", tokensKey)
table.insert(reply, 1, "tokens")
return reply
