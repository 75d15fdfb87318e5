--- Takes over one job whose hold has ended.
--- @keys tag
--- @args holder leaseMs
--- @returns { "adopted", job, detail, material? } | { "none" }
--- @include keys clock job
local jobs = redis.call("HGETALL", jobsKey)
for i = 1, #jobs, 2 do
  local known = readJob(jobs[i])
  if known.heldUntil < now then
    holdJob(jobs[i], holder, leaseMs, known.detail)
    return { "adopted", jobs[i], known.detail, redis.call("HGET", materialsKey, jobs[i]) }
  end
end
return { "none" }
