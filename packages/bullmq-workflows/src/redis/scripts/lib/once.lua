--- What a turn of a job does to an instance it does once, however often it is asked to, and not at all when a
--- later turn has begun. Of each job the last turn is remembered, for a week.
--- @include keys
local ONCE_MS = 604800000

--- @param once a job and the number of its turn, or nothing: then it is the first time.
local function isFirstTime(id, once)
  if not once[1] then
    return true
  end
  local key, turn = onceKey(once[1]), tonumber(once[2])
  local known = tonumber(redis.call("HGET", key, "turn") or -1)
  if known > turn then
    return false
  elseif known < turn then
    redis.call("DEL", key)
    redis.call("HSET", key, "turn", turn)
    redis.call("PEXPIRE", key, ONCE_MS)
  end
  return redis.call("HSETNX", key, "i:" .. id, 1) == 1
end
