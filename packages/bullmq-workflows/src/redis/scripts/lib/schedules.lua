--- What is known of schedules, in one hash: `digest` names the declaration in force, `d:<digest>` is one
--- that was made, `<first heard> <last heard> <schedules>`, and `f:<key>` is up to when one has fired.
--- @include keys clock
local function readSchedules()
  local fields = redis.call("HGETALL", schedulesKey)
  local known = { declared = {}, fired = {}, count = 0 }
  for i = 1, #fields, 2 do
    local kind, name = string.sub(fields[i], 1, 2), string.sub(fields[i], 3)
    if kind == "f:" then
      known.fired[name] = tonumber(fields[i + 1])
    elseif kind == "d:" then
      local first, heard, text = string.match(fields[i + 1], "^(%d+) (%d+) (.*)$")
      known.declared[name] = { first = tonumber(first), heard = tonumber(heard), text = text }
      known.count = known.count + 1
    else
      known.digest = fields[i + 1]
    end
  end
  return known
end

local function keepDeclared(name, declaration)
  local text = string.format("%.0f %.0f %s", declaration.first, declaration.heard, declaration.text)
  redis.call("HSET", schedulesKey, "d:" .. name, text)
end

--- The declaration in force, whether there are others, and up to when each of its schedules has fired.
local function inForce(known, hasChanged)
  local declaration = known.declared[known.digest]
  local reply = { "schedules", now, known.digest or "", declaration and declaration.text or "[]",
    known.count, hasChanged and 1 or 0 }
  for key, firedUntil in pairs(known.fired) do
    reply[#reply + 1] = key
    reply[#reply + 1] = firedUntil
  end
  return reply
end
