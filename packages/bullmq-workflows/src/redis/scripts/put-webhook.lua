--- Keeps what is known of a webhook, in the place of what the caller has known of it.
--- @keys tag
--- @args id text known
--- @returns { "kept" } | { "changed" }
--- @include keys
if (redis.call("HGET", webhooksKey, id) or "") ~= known then
  return { "changed" }
end
redis.call("HSET", webhooksKey, id, text)
return { "kept" }
