--- Counts the instances in each of the given statuses.
--- @keys tag
--- @args statuses[]
--- @returns { "counts", count* }
--- @include keys
local reply = { "counts" }
for i = 1, #statuses do
  reply[i + 1] = redis.call("ZCARD", statusKey(statuses[i]))
end
return reply
