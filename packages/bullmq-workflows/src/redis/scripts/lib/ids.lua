--- The ids of instance events, for when a history is cut short: no id may be given again for another event.
--- @include keys

--- An entry gives so many instance events at most, each with an id: see model/instance-events.ts.
local IDS_PER_ENTRY = 32

--- Notes that ids are taken which so many entries more can have given, and answers with the last of them.
local function takeIds(id, record, entries)
  local lastId = tonumber(record.lastId or 0) + IDS_PER_ENTRY * entries
  redis.call("HSET", instanceKey(id), "lastId", lastId)
  return lastId
end

--- Notes the ids that items of a list, from one on, say are taken: they are put back, and what noted it is lost.
local function retakeIds(id, record, items, from)
  local before = tonumber(record.lastId or 0)
  local lastId = before
  for i = from, #items do
    local taken = string.match(items[i], '^%d+{"type":"[%a_]+","lastId":(%d+)}$')
    local known = string.match(items[i], '^%d+{"type":"history_lost","known":(%d+),')
    if taken then
      lastId = math.max(lastId, tonumber(taken))
    elseif known then
      lastId = lastId + IDS_PER_ENTRY * (known + 1)
    end
  end
  if lastId > before then
    redis.call("HSET", instanceKey(id), "lastId", lastId)
  end
end
