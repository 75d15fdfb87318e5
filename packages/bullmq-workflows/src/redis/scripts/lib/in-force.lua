--- Decides which declaration is in force: the one first heard of last, among those repeated lately.
--- @include keys clock schedules fired future
local LIVE_MS = 60000 -- who has not been heard of for so long has nothing to say
local REMEMBERED_MS = 86400000 -- and is taken for new when heard of again after so long

local function newestOf(known)
  forgetFuture(known)
  local newest, isPut = nil, isAnyPut(known)
  for name, declaration in pairs(known.declared) do
    local best = newest and known.declared[newest]
    local isLater = not best or declaration.first > best.first
      or (declaration.first == best.first and name > newest)
    -- Code without schedules has nothing to say against those that were put there.
    local hasSay = not isPut or declaration.text ~= "[]"
    if now - declaration.heard <= LIVE_MS and hasSay and isLater then
      newest = name
    elseif now - declaration.heard > REMEMBERED_MS then
      redis.call("HDEL", schedulesKey, "d:" .. name)
      known.declared[name] = nil
      known.count = known.count - 1
    end
  end
  return newest
end

--- Answers whether that changes something.
local function putInForce(known, newest)
  if newest == known.digest then
    return false
  end
  known.digest = newest
  redis.call("HDEL", schedulesKey, "digest")
  if newest then
    redis.call("HSET", schedulesKey, "digest", newest)
  end
  known.fired = keepFired(known, newest, now - LIVE_MS)
  return true
end
