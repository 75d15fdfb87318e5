--- Notes what became of a delivery, unless the webhook is gone. The oldest notes go.
--- @keys tag
--- @args id text keep
--- @returns { "noted" } | { "missing" }
--- @include keys
if redis.call("HEXISTS", webhooksKey, id) == 0 then
  return { "missing" }
end
redis.call("LPUSH", deliveriesKey(id), text)
redis.call("LTRIM", deliveriesKey(id), 0, keep - 1)
return { "noted" }
