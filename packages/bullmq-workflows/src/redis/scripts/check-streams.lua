--- Tells of each stream whether it is there as it was when it was kept.
--- @keys tag
--- @args id streams[] sizes[]
--- @returns { "checked", isThere* }
--- @include keep
local reply = { "checked" }
for i = 1, #streams do
  reply[i + 1] = areThere(id, { streams[i] }, { sizes[i] }) and 1 or 0
end
return reply
