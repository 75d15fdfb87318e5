--- What a job does to an instance it does once, however often one of its turns is taken, and not at all when a
--- later turn has begun. A turn that was begun twice may have met another selection each time, the first one
--- farther than where the next turn begins. So what was done is remembered until the job is past it, by the
--- order of creation in which it goes; of the last instances for a week.
--- @include keys
local ONCE_MS = 604800000

--- Forgets those before the first one of a turn: where that began, the next one does not go back to.
local function forgetBefore(key, from)
  local done = redis.call("HGETALL", key)
  for i = 1, #done, 2 do
    if string.sub(done[i], 1, 2) == "i:" and tonumber(done[i + 1]) < from then
      redis.call("HDEL", key, done[i])
    end
  end
end

--- Needs the record's createdAt.
--- @param once a job and the number of its turn, or nothing: then it is the first time.
local function isFirstTime(record, once)
  if not once[1] then
    return true
  end
  local key, turn, createdAt = onceKey(once[1]), tonumber(once[2]), tonumber(record.createdAt)
  local known = redis.call("HMGET", key, "turn", "from")
  local knownTurn, from = tonumber(known[1] or -1), tonumber(known[2] or 0)
  if knownTurn > turn then
    return false
  elseif knownTurn < turn then
    forgetBefore(key, from)
    redis.call("HSET", key, "turn", turn, "from", record.createdAt)
    redis.call("PEXPIRE", key, ONCE_MS)
  elseif createdAt < from then
    redis.call("HSET", key, "from", record.createdAt)
  end
  return redis.call("HSETNX", key, "i:" .. record.id, record.createdAt) == 1
end
