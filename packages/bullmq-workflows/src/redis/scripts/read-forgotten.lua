--- Reads which workflows were forgotten, and for how long they have been.
--- @keys tag
--- @returns { "forgotten", (name, ageMs)* }
--- @include keys clock
local names = redis.call("ZRANGE", forgottenKey, 0, -1, "WITHSCORES")
local reply = { "forgotten" }
for i = 1, #names, 2 do
  reply[#reply + 1] = names[i]
  reply[#reply + 1] = now - tonumber(names[i + 1])
end
return reply
