--- Stores the settings that all workers share, and admits whom a raised limit lets in.
--- @keys tag
--- @args concurrencyLimit
--- @returns { "configured", request* }
--- @include keys slots admit
redis.call("HSET", settingsKey, "concurrencyLimit", concurrencyLimit)
slotLimit = tonumber(concurrencyLimit)
local reply = { "configured" }
local free = freeSlots()
if free > 0 then
  admitUpTo(reply, free)
end
return reply
