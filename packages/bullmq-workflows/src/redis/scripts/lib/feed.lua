--- Tells those who want to hear of it that an instance has come to a status, or is gone.
--- @include keys clock settings
local OUTBOX_LIMIT = 1000000

--- They are lost to whoever was to be told. How many, and when the last ones, is kept to be said.
local function dropOldest()
  local count = redis.call("XTRIM", outboxKey, "MAXLEN", "~", OUTBOX_LIMIT)
  if count > 0 then
    local before = string.match(redis.call("HGET", settingsKey, "outboxLost") or "0", "^%d+")
    redis.call("HSET", settingsKey, "outboxLost", (tonumber(before) + count) .. " " .. stamp)
  end
end

local function tellStatus(id, status)
  if not feedUntil then
    readSettings()
  end
  if feedUntil >= now then
    redis.call("PUBLISH", feedChannel, status .. " " .. stamp .. " " .. id)
  end
  if outboxStatuses ~= "" and string.find(outboxStatuses, "," .. status .. ",", 1, true) then
    redis.call("XADD", outboxKey, "*", "change", status .. " " .. stamp .. " " .. id)
    if redis.call("XLEN", outboxKey) > OUTBOX_LIMIT then
      dropOldest()
    end
  end
end
