--- Parts of indices, from which pages are made in the order of creation. `range` has from and to, both maybe
--- empty, afterCreatedAt and afterId, where the page before ended, and isNewestFirst.
--- @include keys order
local PIECE = 50 -- read at once, so that little is read in vain

--- What of an index is in the range: `count` in all, from `first` to before `last` on the pages to come.
local function partOf(key, range)
  local isNewestFirst = range.isNewestFirst
  local start = isNewestFirst and range.to or range.from
  local count = redis.call("ZCOUNT", key, range.from == "" and "-inf" or range.from,
    range.to == "" and "+inf" or range.to)
  local first = (start == "" or count == 0) and 0 or countBefore(key, start, isNewestFirst)
  local part = { key = key, isNewestFirst = isNewestFirst, first = first, last = first + count, count = count }
  if range.afterCreatedAt ~= "" and count > 0 then
    part.first = math.max(first, countUpTo(key, range.afterCreatedAt, range.afterId, isNewestFirst))
  end
  return part
end

--- Its next instance, and when that was created. It stays the next one.
local function peek(part)
  if not part.items or part.at > #part.items then
    if part.first >= part.last then
      return nil
    end
    local last = math.min(part.last, part.first + PIECE)
    part.items, part.at = rangeOf(part.key, part.first, last - 1, part.isNewestFirst), 1
    part.first = last
  end
  return part.items[part.at], tonumber(part.items[part.at + 1])
end
