--- Appends what an activation settled, as commit-entries does, and keeps the streams that it refers to. A store
--- that has not all of their pieces went back in time.
--- @keys tag
--- @args id fence commit after seenEvent consumed[] entries[] streams[] sizes[]
--- @returns { "committed", at, isPauseRequested, lastEvent, (seq, event)* } | { "stale" }
--- @include keys clock record fence history news keep
local record = readRecord(id, "fence", "commit", "committedAt", "eventSeq")
local judged = judge(record, fence, commit, after)
if judged == "repeat" then
  return pushNews({ "committed", record.committedAt }, id, record, seenEvent)
elseif judged == "stale" or not areThere(id, streams, sizes) then
  return { "stale" }
end

keepStreams(id, streams, sizes)
if #entries > 0 or #consumed > 0 then
  append(id, record, entries)
  consume(id, consumed)
  redis.call("HSET", instanceKey(id), "commit", commit, "committedAt", stamp)
end
return pushNews({ "committed", now }, id, record, seenEvent)
