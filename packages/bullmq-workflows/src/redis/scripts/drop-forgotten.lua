--- Nothing of these workflows is left to be passed on.
--- @keys tag
--- @args names[]
--- @returns { "dropped" }
--- @include keys
redis.call("ZREM", forgottenKey, unpack(names))
return { "dropped" }
