--- Takes instances from several parts of indices, in the order of creation.
--- @include parts

--- Whether an instance goes before another one.
local function isEarlier(id, score, other, isNewestFirst)
  if score ~= other.score then
    return (score > other.score) == isNewestFirst
  end
  return isBelow(other.id, id) == isNewestFirst
end

--- The instance that comes first of all.
local function takeFirst(parts)
  local best
  for i = 1, #parts do
    local part = parts[i]
    local id, score = peek(part)
    if id and (not best or isEarlier(id, score, best, part.isNewestFirst)) then
      best = { part = part, id = id, score = score, createdAt = part.items[part.at + 1] }
    end
  end
  if best then
    best.part.at = best.part.at + 2
  end
  return best
end

local function isMore(parts)
  for i = 1, #parts do
    if peek(parts[i]) then
      return true
    end
  end
  return false
end
