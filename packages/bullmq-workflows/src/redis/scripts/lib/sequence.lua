--- Draws a number that was never drawn before: for a fence, or a wake-up. It is never behind the clock in
--- microseconds, so that a Redis which lost its latest writes, or all of them, draws no old one again.
--- @include keys clock
local lastDrawn

local function drawNumber()
  local last = lastDrawn or tonumber(redis.call("GET", sequenceKey) or 0)
  lastDrawn = math.max(last + 1, time[1] * 1000000 + time[2])
  redis.call("SET", sequenceKey, string.format("%.0f", lastDrawn))
  return lastDrawn
end
