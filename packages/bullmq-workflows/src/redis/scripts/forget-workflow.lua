--- Removes a workflow from those that are known. Its instances stay.
--- @keys tag
--- @args name
--- @returns { "forgotten" } | { "missing" }
--- @include keys
return { redis.call("HDEL", workflowsKey, name) == 1 and "forgotten" or "missing" }
