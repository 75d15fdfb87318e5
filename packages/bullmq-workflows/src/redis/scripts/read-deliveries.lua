--- Reads what was noted of a webhook's deliveries, the newest first.
--- @keys tag
--- @args id limit
--- @returns { "deliveries", text* }
--- @include keys
local reply = redis.call("LRANGE", deliveriesKey(id), 0, limit - 1)
table.insert(reply, 1, "deliveries")
return reply
