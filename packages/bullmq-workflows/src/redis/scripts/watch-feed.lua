--- Has every change of status told on the feed's channel for so long. Tells whether that was so until now.
--- @keys tag
--- @args watchMs
--- @returns { "watched", wasWatched }
--- @include keys clock settings
readSettings()
local wasWatched = feedUntil >= now
writeMark(math.max(feedUntil, now + watchMs), outboxStatuses)
return { "watched", wasWatched and 1 or 0 }
