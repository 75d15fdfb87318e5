--- Puts schedules there that no code declares, in place of those that were put before; or takes these away.
--- @keys tag
--- @args digest text
--- @returns { "schedules", now, digest, schedules, declarationCount, hasChanged, (key, firedUntil)* }
--- @include keys clock schedules fired in-force
local FOR_EVER = 99999999999999 -- they are never repeated

local known = readSchedules()
for name in pairs(known.declared) do
  if isPut(name) then
    redis.call("HDEL", schedulesKey, "d:" .. name)
    known.declared[name] = nil
    known.count = known.count - 1
  end
end
if digest ~= "" then
  known.declared[digest] = { first = firstOfNew(known), heard = FOR_EVER, text = text }
  known.count = known.count + 1
  keepDeclared(digest, known.declared[digest])
end
return inForce(known, putInForce(known, newestOf(known)))
