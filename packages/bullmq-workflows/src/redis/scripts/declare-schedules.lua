--- Notes which schedules a deployment has, and decides which are in force.
--- @keys tag
--- @args digest keys[] text
--- @returns { "schedules", now, digest, schedules, declarationCount, hasChanged, (key, firedUntil)* }
--- @include keys clock schedules
local LIVE_MS = 60000 -- who has not been heard of for so long has nothing to say
local REMEMBERED_MS = 86400000 -- and is taken for new when heard of again after so long

local known = readSchedules()
if #keys == 0 and known.count == 0 then
  return inForce(known)
end

local own = known.declared[digest]
if not own then
  own = { first = now }
  known.declared[digest] = own
  known.count = known.count + 1
end
own.heard, own.text = now, text
redis.call("HSET", schedulesKey, "d:" .. digest, string.format("%.0f %.0f %s", own.first, now, text))

local newest = digest
for name, declaration in pairs(known.declared) do
  local best = known.declared[newest]
  local isLater = declaration.first > best.first or (declaration.first == best.first and name > newest)
  if now - declaration.heard <= LIVE_MS and isLater then
    newest = name
  elseif now - declaration.heard > REMEMBERED_MS then
    redis.call("HDEL", schedulesKey, "d:" .. name)
    known.declared[name] = nil
    known.count = known.count - 1
  end
end

local hasChanged = newest ~= known.digest
if hasChanged then
  redis.call("HSET", schedulesKey, "digest", newest)
  known.digest = newest
  local fired = {}
  for name, declaration in pairs(known.declared) do
    for _, schedule in ipairs(cjson.decode(declaration.text)) do
      local key = schedule.key
      if name == newest then
        -- One that was in force before goes on where it was, unless that is long ago.
        fired[key] = known.fired[key] and math.max(known.fired[key], now - LIVE_MS) or now
        redis.call("HSET", schedulesKey, "f:" .. key, string.format("%.0f", fired[key]))
      end
      fired[key] = fired[key] or known.fired[key]
    end
  end
  for key in pairs(known.fired) do
    if not fired[key] then
      redis.call("HDEL", schedulesKey, "f:" .. key)
    end
  end
  known.fired = fired
end
return inForce(known, hasChanged)
