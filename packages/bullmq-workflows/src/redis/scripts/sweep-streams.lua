--- Removes streams that no commit can refer to any more: those of a claim that is over. One that is still
--- written to, or was until a moment ago, is looked at again later.
--- @keys tag
--- @args olderThanMs limit
--- @returns { "swept", isMore }
--- @include keys clock record fence streams
local due = redis.call("ZRANGEBYSCORE", openStreamsKey, "-inf", now - olderThanMs, "LIMIT", 0, limit)
local budget = MAX_DISCARDED
for i = 1, #due do
  local stream, fence, id = string.match(due[i], "^((%d+)%.%d+) (.+)$")
  local record = readFields(id, "status", "fence")
  if holdsFence(record, fence) then
    redis.call("ZADD", openStreamsKey, stamp, due[i])
  elseif budget > 0 then
    budget = budget - discardChunks(id, stream, budget)
  end
end
return { "swept", (budget <= 0 or #due == tonumber(limit)) and 1 or 0 }
