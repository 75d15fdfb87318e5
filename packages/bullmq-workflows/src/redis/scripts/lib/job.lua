--- A job as it is kept: until when it is held, by whom, and what it is about.
--- @include keys clock
local function readJob(job)
  local text = redis.call("HGET", jobsKey, job)
  local heldUntil, holder, detail = string.match(text or "", "^(%d+) (%S+) (.*)$")
  return text and { heldUntil = tonumber(heldUntil), holder = holder, detail = detail }
end

--- With what it is done: it ends with the job, and is in no report.
local function endJob(job)
  redis.call("HDEL", jobsKey, job)
  redis.call("HDEL", materialsKey, job)
end

local function holdJob(job, holder, leaseMs, detail)
  redis.call("HSET", jobsKey, job, (now + leaseMs) .. " " .. holder .. " " .. detail)
end

local function countJobs(prefix)
  local count, jobs = 0, redis.call("HKEYS", jobsKey)
  for i = 1, #jobs do
    count = count + (string.sub(jobs[i], 1, #prefix) == prefix and 1 or 0)
  end
  return count
end
