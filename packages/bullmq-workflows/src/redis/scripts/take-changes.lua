--- Gives changes in the outbox to somebody who passes them on: first those that another one has had for too
--- long, then new ones. Each stays until it is dropped.
--- @keys tag
--- @args holder limit idleMs
--- @returns { "taken", lost, (id, change)* }
--- @include keys
local reply = { "taken", redis.call("HGET", settingsKey, "outboxLost") or "" }

local function add(entries)
  for i = 1, #entries do
    -- One that the limit of the outbox has removed is nil.
    if entries[i] and entries[i][2] then
      reply[#reply + 1] = entries[i][1]
      reply[#reply + 1] = entries[i][2][2]
    end
  end
end

if redis.call("EXISTS", outboxKey) == 0 then
  return reply
end
-- It is there already, most times.
redis.pcall("XGROUP", "CREATE", outboxKey, "relay", "0")
add(redis.call("XAUTOCLAIM", outboxKey, "relay", holder, idleMs, "0", "COUNT", limit)[2])
local fresh = redis.call("XREADGROUP", "GROUP", "relay", holder, "COUNT", limit, "STREAMS", outboxKey, ">")
add(fresh and fresh[1][2] or {})
return reply
