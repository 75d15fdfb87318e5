--- Reads what is known of webhooks: of those named, or of all.
--- @keys tag
--- @args ids[]
--- @returns { "webhooks", text* }
--- @include keys
local reply = { "webhooks" }
local texts = ids[1] and redis.call("HMGET", webhooksKey, unpack(ids)) or redis.call("HVALS", webhooksKey)
for i = 1, #texts do
  if texts[i] then
    reply[#reply + 1] = texts[i]
  end
end
return reply
