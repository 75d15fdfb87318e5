--- Adds an entry to the audit log, and lets the oldest go.
--- @keys tag
--- @args text keep
--- @returns { "appended", id }
--- @include keys
return { "appended", redis.call("XADD", auditKey, "MAXLEN", "~", keep, "*", "entry", text) }
