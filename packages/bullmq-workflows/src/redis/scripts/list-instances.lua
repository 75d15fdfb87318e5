--- Lists instances by their creation, merging the indices of the statuses asked for. A page starts after
--- the instance that ended the one before, whether or not that one is still there, and leaves out as many
--- as it is told to. What it costs grows with the page, and with the logarithm of all there are.
--- @keys tag
--- @args statuses[] limit skip afterCreatedAt afterId from to newestFirst
--- @returns { "page", total, isMore, (id, status, createdAt, startedAt, endedAt, changedAt, nonce)* }
--- @include keys record order
local isNewestFirst = newestFirst == "1"
local size, skipped = tonumber(limit), tonumber(skip)
local lowest, highest = from == "" and "-inf" or from, to == "" and "+inf" or to

--- The part of each index that the pages to come are made of: from one place, to before another.
local parts, total, available = {}, 0, 0
for i = 1, #statuses do
  local key = statusKey(statuses[i])
  local start = isNewestFirst and to or from
  local first = start == "" and 0 or countBefore(key, start, isNewestFirst)
  local count = redis.call("ZCOUNT", key, lowest, highest)
  local part = { key = key, status = statuses[i], first = first, last = first + count }
  if afterCreatedAt ~= "" then
    part.first = math.max(first, countUpTo(key, afterCreatedAt, afterId, isNewestFirst))
  end
  parts[i], total = part, total + count
  available = available + math.max(0, part.last - part.first)
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
  return { "page", total, 0 }
end
local rest = skipped > 0 and leaveOut(skipped) or 0
for i = 1, #parts do
  local part = parts[i]
  local last = math.min(part.last, part.first + rest + size) - 1
  part.items = part.first <= last and rangeOf(part.key, part.first, last, isNewestFirst) or {}
  part.at = 1
end

--- The part whose next instance comes first.
local function nextPart()
  local best
  for i = 1, #parts do
    local id, score = parts[i].items[parts[i].at], tonumber(parts[i].items[parts[i].at + 1])
    local isFirst = id and not best
    if id and best and score ~= best.score then
      isFirst = (score > best.score) == isNewestFirst
    elseif id and best then
      isFirst = isBelow(best.id, id) == isNewestFirst
    end
    if isFirst then
      best = { part = parts[i], id = id, score = score }
    end
  end
  return best
end

local reply = { "page", total, available > skipped + size and 1 or 0 }
for place = 1, rest + size do
  local found = nextPart()
  if not found then
    break
  end
  local part = found.part
  if place > rest then
    local record = readFields(found.id, "startedAt", "endedAt", "committedAt", "pausedAt", "nonce")
    local changedAt = math.max(found.score, tonumber(record.startedAt) or 0, tonumber(record.committedAt) or 0,
      tonumber(record.pausedAt) or 0, tonumber(record.endedAt) or 0)
    local item = { found.id, part.status, part.items[part.at + 1], record.startedAt, record.endedAt, changedAt,
      record.nonce }
    for i = 1, #item do
      reply[#reply + 1] = item[i]
    end
  end
  part.at = part.at + 2
end
return reply
