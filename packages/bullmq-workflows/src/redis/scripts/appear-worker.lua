--- Makes a worker known for a while, and forgets those that have not been heard of for as long as they said.
--- @keys tag
--- @args worker text ttlMs
--- @returns { "known" }
--- @include keys clock
-- A Redis without memory refuses a SET, unless its script has written before.
redis.call("ZREMRANGEBYSCORE", workersKey, "-inf", "(" .. stamp)
redis.call("ZADD", workersKey, now + ttlMs, worker)
redis.call("SET", presenceKey(worker), stamp .. " " .. text, "PX", ttlMs)
return { "known" }
