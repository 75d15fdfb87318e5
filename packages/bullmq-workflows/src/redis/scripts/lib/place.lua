--- Moves an instance to a status: its index and its hash, with further fields in the same write.
--- Needs the record's createdAt. The caller moves its place: see docs/store.md.
--- @include keys feed
local function moveTo(id, record, status, ...)
  if record.status ~= status then
    redis.call("ZREM", statusKey(record.status), id)
    redis.call("ZADD", statusKey(status), record.createdAt, id)
    tellStatus(id, status)
  end
  redis.call("HSET", instanceKey(id), "status", status, ...)
end

--- What an instance is that goes on, by where it is. One that rolls back is that wherever it is.
local function underWay(record, where)
  return record.status == "rollingBack" and record.status or where
end

--- Takes an instance out of whatever place it has.
local function leavePlaces(id)
  redis.call("ZREM", pendingKey, id)
  redis.call("ZREM", backlogKey, id)
  redis.call("ZREM", leasesKey, id)
  redis.call("ZREM", timersKey, id)
  redis.call("ZREM", expiryKey, id)
end

local FINISHED = { complete = true, errored = true, terminated = true }
