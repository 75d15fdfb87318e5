--- What a clock has noted that was ahead, and has gone back since.
--- @include keys clock schedules fired
local WRONG_MS = 60000 -- nothing fires so far ahead of the clock

--- When a declaration is first heard of that is new: after all others, also where the clock has gone back since.
local function firstOfNew(known)
  local first = now
  for _, declaration in pairs(known.declared) do
    first = math.max(first, declaration.first + 1)
  end
  return first
end

--- Until the clock is there once more, who was heard of then would have a say, and what was fired then would not
--- fire again.
local function forgetFuture(known)
  for name, declaration in pairs(known.declared) do
    if declaration.heard > now and not isPut(name) then
      declaration.heard = now
      keepDeclared(name, declaration)
    end
  end
  for key, firedUntil in pairs(known.fired) do
    if firedUntil > now + WRONG_MS then
      known.fired[key] = now
      redis.call("HSET", schedulesKey, "f:" .. key, stamp)
    end
  end
end
