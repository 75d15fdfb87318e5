--- Removes all there is of an instance. Needs the record's status.
--- @include keys place
local function remove(id, record)
  leavePlaces(id)
  redis.call("ZREM", statusKey(record.status), id)
  redis.call("DEL", instanceKey(id), historyKey(id), eventsKey(id))
end
