--- Removes all there is of an instance. Needs the record's status and labels.
--- @include keys place labels feed
local function remove(id, record)
  leavePlaces(id)
  redis.call("ZREM", statusKey(record.status), id)
  removeLabels(id, record)
  -- Streams may be large: their memory is freed beside.
  redis.call("UNLINK", instanceKey(id), historyKey(id), eventsKey(id), streamsKey(id))
  tellStatus(id, "deleted")
end
