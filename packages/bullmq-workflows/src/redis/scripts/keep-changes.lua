--- Has changes to these statuses kept in the outbox, in the write that makes them, and no others.
--- @keys tag
--- @args statuses
--- @returns { "kept" }
--- @include keys settings
readSettings()
if outboxStatuses ~= statuses then
  writeMark(feedUntil, statuses)
end
return { "kept" }
