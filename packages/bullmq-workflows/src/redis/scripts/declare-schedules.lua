--- Notes which schedules a deployment has, and decides which are in force.
--- @keys tag
--- @args digest keys[] text
--- @returns { "schedules", now, digest, schedules, declarationCount, hasChanged, (key, firedUntil)* }
--- @include keys clock schedules in-force
local known = readSchedules()
if #keys == 0 and known.count == 0 then
  return inForce(known)
end

local own = known.declared[digest]
if not own then
  own = { first = firstOfNew(known) }
  known.declared[digest] = own
  known.count = known.count + 1
end
own.heard, own.text = now, text
keepDeclared(digest, own)
return inForce(known, putInForce(known, newestOf(known)))
