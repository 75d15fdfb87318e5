--- Up to when schedules have fired, when others come into force.
--- @include keys clock schedules
local function keepFired(known, newest, earliest)
  local fired = {}
  for name, declaration in pairs(known.declared) do
    for _, schedule in ipairs(cjson.decode(declaration.text)) do
      local key = schedule.key
      if name == newest then
        -- One that was in force before goes on where it was, unless that is long ago.
        fired[key] = known.fired[key] and math.max(known.fired[key], earliest) or now
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
  return fired
end

--- Those that no code declares have a name of another kind.
local function isPut(name)
  return string.sub(name, 1, 4) == "put-"
end

local function isAnyPut(known)
  for name in pairs(known.declared) do
    if isPut(name) then
      return true
    end
  end
  return false
end
