--- What reached a running instance: a pause, and events that the caller has not seen.
--- Needs the record's status and eventSeq.
--- @include keys
local function hasUnseen(record, seenEvent)
  return record.eventSeq and tonumber(record.eventSeq) > tonumber(seenEvent)
end

local function pushNews(reply, id, record, seenEvent)
  local length = #reply
  reply[length + 1] = record.status == "waitingForPause" and 1 or 0
  reply[length + 2] = record.eventSeq or 0
  if hasUnseen(record, seenEvent) then
    local key = eventsKey(id)
    for seq = seenEvent + 1, tonumber(record.eventSeq) do
      local event = redis.call("HGET", key, seq)
      if event then
        reply[#reply + 1] = seq
        reply[#reply + 1] = event
      end
    end
  end
  return reply
end
