--- Reads what the workers say of themselves that have been heard of lately.
--- @keys tag
--- @args limit
--- @returns { "workers", text* }
--- @include keys clock
local workers = redis.call("ZRANGEBYSCORE", workersKey, stamp, "+inf", "LIMIT", 0, limit)
local reply = { "workers" }
for i = 1, #workers do
  local text = redis.call("GET", presenceKey(workers[i]))
  if text then
    reply[#reply + 1] = text
  end
end
return reply
