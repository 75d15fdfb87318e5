--- Lists instances by their creation, merging the indices of the statuses asked for. A page starts after
--- the instance that ended the one before, whether or not that one is still there, and leaves out as many
--- as it is told to. Those whose record is lost are passed over, a thousand of them at most. What it costs grows with the page, and with the logarithm of all there are.
--- @keys tag
--- @args statuses[] limit skip afterCreatedAt afterId from to newestFirst
--- @returns { "page", total, afterCreatedAt, afterId, (id, status, createdAt, startedAt, endedAt, changedAt, nonce, priority, labels, delayedUntil)* }
--- @include keys order parts merge summary
local PASSED_OVER = 1000
local isNewestFirst = newestFirst == "1"
local size, skipped = tonumber(limit), tonumber(skip)
local range = { from = from, to = to, afterCreatedAt = afterCreatedAt, afterId = afterId, isNewestFirst = isNewestFirst }

--- The part of each index that the pages to come are made of: from one place, to before another.
local parts, total, available = {}, 0, 0
for i = 1, #statuses do
  parts[i] = partOf(statusKey(statuses[i]), range)
  total = total + parts[i].count
  available = available + math.max(0, parts[i].last - parts[i].first)
end

local function placeIn(part, score)
  return math.max(part.first, math.min(part.last, countBefore(part.key, score, isNewestFirst)))
end

--- How many of all parts come before a creation time.
local function countBeforeAll(score)
  local count = 0
  for i = 1, #parts do
    count = count + math.max(0, placeIn(parts[i], score) - parts[i].first)
  end
  return count
end

--- Moves the parts to the creation time of the first instance that is not left out, which is found by
--- halving, and answers how many of that time are still to be left out.
local function leaveOut(count)
  local low, high = 0, 99999999999999 -- as many digits as Lua writes out
  while high - low > 1 do
    local middle = math.floor((low + high) / 2)
    local isFar = countBeforeAll(middle) > count
    if isFar == isNewestFirst then low = middle else high = middle end
  end
  -- Newest first it is the lowest with so few before it, oldest first the highest.
  local score = isNewestFirst and high or low
  local rest = count - countBeforeAll(score)
  for i = 1, #parts do
    parts[i].first = placeIn(parts[i], score)
  end
  return rest
end

if available <= skipped then
  return { "page", total, "", "" }
end
local rest = skipped > 0 and leaveOut(skipped) or 0
local reply, last, count = { "page", total, "", "" }, nil, 0
for place = 1, rest + size + PASSED_OVER do
  local found = takeFirst(parts)
  if not found then
    break
  elseif place > rest then
    last = found
    count = count + (pushSummary(reply, readSummary(found.id), found.createdAt) and 1 or 0)
  end
  if count == size then
    break
  end
end
if last and isMore(parts) then
  reply[3], reply[4] = last.createdAt, last.id
end
return reply
