--- The store's only clock, in epoch milliseconds. `stamp` is the same as a text: Redis turns a number
--- into 17 digits each time it gets one, which costs as much as a lookup.
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = now .. ""
