--- Tells those who want to hear of it that an instance has come to a status, or is gone.
--- @include keys clock settings
local OUTBOX_LIMIT = 1000000

local function tellStatus(id, status)
  if not feedUntil then
    readSettings()
  end
  if feedUntil >= now then
    redis.call("PUBLISH", feedChannel, status .. " " .. stamp .. " " .. id)
  end
  if outboxStatuses ~= "" and string.find(outboxStatuses, "," .. status .. ",", 1, true) then
    redis.call("XADD", outboxKey, "MAXLEN", "~", OUTBOX_LIMIT, "*", "change", status .. " " .. stamp .. " " .. id)
  end
end
