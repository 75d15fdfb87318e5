--- Draws a number that was never drawn before: for a fence, or a wake-up. It is never behind the clock in
--- microseconds, so that a Redis which lost its latest writes, or all of them, draws no old one again.
--- @include keys clock items settings
local lastDrawn, lastReserved = 0, 0

--- Takes as many as there are calls in one write. No more: they would get ahead of the clock.
local function reserveNumbers()
  local drawn, mark = string.match(redis.call("GET", sequenceKey) or "0", "^(%d+)(.*)$")
  readMark(string.sub(mark, 2))
  local last = math.max(lastDrawn, tonumber(drawn))
  local first = math.max(last + 1, time[1] * 1000000 + time[2])
  redis.call("SET", sequenceKey, string.format("%.0f", first + #items - 1) .. mark)
  lastDrawn, lastReserved = first - 1, first + #items - 1
end

local function drawNumber()
  if lastDrawn == lastReserved then
    reserveNumbers()
  end
  lastDrawn = lastDrawn + 1
  return lastDrawn
end
