--- Makes instances runnable. Needs the record's createdAt, startedAt and priority.
--- @include keys clock slots place sequence

--- Puts it where it waits for a worker, or for a slot, and answers with its new wake-up number.
local function enqueue(reply, id, rank, hasSlot)
  local wakeUp = drawNumber()
  if hasSlot or freeSlots() > 0 then
    redis.call("ZADD", pendingKey, stamp, id)
    pushRequest(reply, id, wakeUp, rank)
  else
    -- Rank first, then first come: 21 bits and 32 bits fill the 53 of a score.
    local position = redis.call("INCR", positionKey) % 4294967296
    redis.call("ZADD", backlogKey, rank * 4294967296 + position, id)
  end
  return wakeUp
end

--- Lets nobody claim it before an instant. It has left its place.
local function putOff(id, record, delayedUntil)
  redis.call("ZADD", timersKey, delayedUntil, id)
  moveTo(id, record, underWay(record, "queued"), "delayedUntil", delayedUntil, "worker", "", "claimNonce", "")
end

local function makeRunnable(reply, id, record, hasSlot)
  local wakeUp = enqueue(reply, id, rankOf(record), hasSlot)
  moveTo(id, record, underWay(record, "queued"), "wakeUp", wakeUp, "worker", "", "claimNonce", "")
  return reply
end
