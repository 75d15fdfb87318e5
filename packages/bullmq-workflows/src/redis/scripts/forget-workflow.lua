--- Removes a workflow from those that are known. Its instances stay, and its name for who passes on what was
--- told of it.
--- @keys tag
--- @args name
--- @returns { "forgotten" } | { "missing" }
--- @include keys clock
local KEPT = 10000 -- for when nobody ever passes anything on

if redis.call("HDEL", workflowsKey, name) == 0 then
  return { "missing" }
end
redis.call("ZADD", forgottenKey, now, name)
redis.call("ZREMRANGEBYRANK", forgottenKey, 0, -1 - KEPT)
return { "forgotten" }
