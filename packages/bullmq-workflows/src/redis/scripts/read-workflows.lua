--- Reads what is known of a workflow, or of all.
--- @keys tag
--- @args names[]
--- @returns { "workflows", (name, record)* }
--- @include keys
if not names[1] then
  local reply = redis.call("HGETALL", workflowsKey)
  table.insert(reply, 1, "workflows")
  return reply
end
local reply = { "workflows" }
for i = 1, #names do
  local record = redis.call("HGET", workflowsKey, names[i])
  if record then
    reply[#reply + 1] = names[i]
    reply[#reply + 1] = record
  end
end
return reply
