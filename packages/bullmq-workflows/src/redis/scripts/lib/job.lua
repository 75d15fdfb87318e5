--- A job as it is kept: until when it is held, by whom, and what it is about.
--- @include keys clock
local function readJob(job)
  local text = redis.call("HGET", jobsKey, job)
  local heldUntil, holder, detail = string.match(text or "", "^(%d+) (%S+) (.*)$")
  return text and { heldUntil = tonumber(heldUntil), holder = holder, detail = detail }
end

local function holdJob(job, holder, leaseMs, detail)
  redis.call("HSET", jobsKey, job, (now + leaseMs) .. " " .. holder .. " " .. detail)
end
