--- Reads entries of the audit log, newest first, from the one before a given one on.
--- @keys tag
--- @args limit before
--- @returns { "audit", (id, text)* }
--- @include keys
local entries = redis.call("XREVRANGE", auditKey, before == "" and "+" or "(" .. before, "-", "COUNT", limit)
local reply = { "audit" }
for i = 1, #entries do
  reply[#reply + 1] = entries[i][1]
  reply[#reply + 1] = entries[i][2][2]
end
return reply
