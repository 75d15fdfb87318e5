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
