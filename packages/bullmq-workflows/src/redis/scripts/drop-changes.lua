--- Removes changes from the outbox that were passed on.
--- @keys tag
--- @args ids[]
--- @returns { "dropped" }
--- @include keys
redis.call("XACK", outboxKey, "relay", unpack(ids))
redis.call("XDEL", outboxKey, unpack(ids))
return { "dropped" }
