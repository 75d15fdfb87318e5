--- Makes a workflow known, and makes a version of it when it is new, or when asked to.
--- @keys tag
--- @args name settings id versionId renews
--- @returns { "known", createdAt, modifiedAt, id, versionId, settings }
--- @include keys clock
local known = redis.call("HGET", workflowsKey, name)
local createdAt, modifiedAt, knownId, knownVersion, knownSettings =
  string.match(known or "", "^(%d+) (%d+) (%S+) (%S+) (.*)$")
local isKept = renews == "never" or (renews == "changed" and knownSettings == settings)
if known and isKept then
  return { "known", createdAt, modifiedAt, knownId, knownVersion, knownSettings }
end
local record = { createdAt or stamp, stamp, knownId or id, versionId, settings }
redis.call("HSET", workflowsKey, name, table.concat(record, " "))
redis.call("ZREM", forgottenKey, name)
table.insert(record, 1, "known")
return record
