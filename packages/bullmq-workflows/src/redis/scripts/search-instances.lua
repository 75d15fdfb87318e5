--- Looks for instances by what they are, in the order of their creation, from where the page before ended.
--- It looks at so many and no more: a page may have fewer than asked for, or none, and others after it.
--- Of those that errored it answers whose error may have a text in it, with the error.
--- @keys tag
--- @args statuses[] anyStatus labels[] limit examined afterCreatedAt afterId from to newestFirst idPrefix endedFrom endedTo error[]
--- @returns { "found", total, afterCreatedAt, afterId, errors, (id, status, createdAt, startedAt, endedAt, changedAt, nonce, priority, labels, delayedUntil)* }
--- @include keys parts merge summary
local ENOUGH_BYTES = 1048576
local range = { from = from, to = to, afterCreatedAt = afterCreatedAt, afterId = afterId,
  isNewestFirst = newestFirst == "1" }

local isWanted, parts, total, leading = {}, {}, 0, false
for i = 1, #statuses do
  isWanted[statuses[i]] = true
  local part = partOf(statusKey(statuses[i]), range)
  total = total + part.count
  if part.count > 0 then
    parts[#parts + 1] = part
  end
end
-- Whatever leads to the fewest.
for i = 1, #labels do
  local part = partOf(labelKey(labels[i]), range)
  if part.count < total then
    parts, total, leading = { part }, part.count, i
  end
end

--- Most are not meant: this costs less than to read them.
local function mayBeMeant(id)
  if string.sub(id, 1, #idPrefix) ~= idPrefix then
    return false
  end
  for i = 1, #labels do
    if i ~= leading and not redis.call("ZSCORE", labelKey(labels[i]), id) then
      return false
    end
  end
  return not leading or anyStatus == "1" or isWanted[redis.call("HGET", instanceKey(id), "status")]
end

local function isBetween(at, first, last)
  return (first == "" or (at and tonumber(at) >= tonumber(first)))
    and (last == "" or (at and tonumber(at) <= tonumber(last)))
end

local reply, read = { "found", total, "", "", {} }, 0

--- The error of one that errored, if the text may be in it. Its bytes count, whether or not it is.
local function errorOf(id)
  local payload = redis.call("LINDEX", historyKey(id), -1)
  if not payload then
    return false
  end
  read = read + #payload
  return string.find(string.lower(payload), error[1], 1, true) and payload
end

local function look(found)
  local payload = mayBeMeant(found.id) and (not error[1] or errorOf(found.id))
  local record = payload and readSummary(found.id)
  if not record or not record.status or not isBetween(record.endedAt, endedFrom, endedTo) then
    return false
  elseif error[1] then
    table.insert(reply[5], payload)
  end
  pushSummary(reply, record, found.createdAt)
  return true
end

local count = 0
for _ = 1, tonumber(examined) do
  local found = takeFirst(parts)
  if not found then
    break
  end
  reply[3], reply[4] = found.createdAt, found.id
  count = count + (look(found) and 1 or 0)
  if count >= tonumber(limit) or read >= ENOUGH_BYTES then
    break
  end
end
if not isMore(parts) then
  reply[3], reply[4] = "", ""
end
return reply
