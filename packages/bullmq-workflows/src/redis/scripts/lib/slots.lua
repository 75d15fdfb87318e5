--- The slots of the concurrency limit: who is in `pending` or `leases` has one.
--- @include keys settings

local function freeSlots()
  if not slotLimit then
    readSettings()
  end
  if slotLimit == 0 then
    return math.huge
  end
  return slotLimit - redis.call("ZCARD", pendingKey) - redis.call("ZCARD", leasesKey)
end

--- An instance that ran before goes ahead of new ones.
local function rankOf(record)
  return record.startedAt and 0 or tonumber(record.priority)
end

local function pushRequest(reply, id, wakeUp, rank)
  local length = #reply
  reply[length + 1], reply[length + 2], reply[length + 3] = id, wakeUp, rank
end
