--- Forgets a worker that has closed.
--- @keys tag
--- @args worker
--- @returns { "forgotten" }
--- @include keys
redis.call("ZREM", workersKey, worker)
redis.call("DEL", presenceKey(worker))
return { "forgotten" }
