--- What a list says of an instance.
--- @include record
local function readSummary(id)
  return readFields(id, "status", "startedAt", "endedAt", "committedAt", "pausedAt", "nonce", "priority", "labels",
    "delayedUntil")
end

--- id, status, createdAt, startedAt, endedAt, changedAt, nonce, priority, labels, delayedUntil. Nothing of one
--- whose record Redis has lost: its indices may still name it. Answers whether it was there.
local function pushSummary(reply, record, createdAt)
  if not record.status then
    return false
  end
  local changedAt = math.max(tonumber(createdAt), tonumber(record.startedAt) or 0, tonumber(record.committedAt) or 0,
    tonumber(record.pausedAt) or 0, tonumber(record.endedAt) or 0)
  local item = { record.id, record.status, createdAt, record.startedAt, record.endedAt, changedAt, record.nonce,
    record.priority, record.labels, record.delayedUntil }
  for i = 1, #item do
    reply[#reply + 1] = item[i]
  end
  return true
end
