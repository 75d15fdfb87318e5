--- Reads a part of an instance's history, and leaves a mark so that whoever listens is told what changes.
--- A page has no more entries than asked for, and few when they are large.
--- @keys tag
--- @args id from limit watchMs
--- @returns { "page", nonce, edition, createdAt, startedAt, startedAfter, params, length, result, entry* } | { "missing" }
--- @include keys record history place watch answer
local record = readRecord(id, "nonce", "baseline", "createdAt", "startedAt", "startedAfter")
if not record.status then
  return { "missing" }
elseif watchMs ~= "" and not FINISHED[record.status] then
  watch(id, watchMs)
end

local CHUNK, ENOUGH_BYTES = 16, 262144
local key = historyKey(id)
local length = redis.call("LLEN", key) - 1 - (hasResult(record.status) and 1 or 0)
-- Entry n of the history is at n in the list, after the params.
local last = math.min(from + limit, length)
local reply = { "page", record.nonce, record.baseline, record.createdAt, record.startedAt, record.startedAfter,
  tonumber(from) <= tonumber(record.startedAfter or 0) and redis.call("LINDEX", key, 0), length, false }
local size = 0
for first = from + 1, last, CHUNK do
  local chunk = redis.call("LRANGE", key, first, math.min(first + CHUNK - 1, last))
  for i = 1, #chunk do
    size = size + #chunk[i]
    reply[#reply + 1] = chunk[i]
  end
  if size >= ENOUGH_BYTES then
    break
  end
end
answerBytes = answerBytes + size
if from + #reply - 9 == length and hasResult(record.status) then
  reply[9] = redis.call("LINDEX", key, -1)
end
return reply
