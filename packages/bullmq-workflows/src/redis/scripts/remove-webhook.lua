--- Forgets a webhook, and what was noted of its deliveries.
--- @keys tag
--- @args id
--- @returns { "removed" } | { "missing" }
--- @include keys
redis.call("DEL", deliveriesKey(id))
return { redis.call("HDEL", webhooksKey, id) == 1 and "removed" or "missing" }
