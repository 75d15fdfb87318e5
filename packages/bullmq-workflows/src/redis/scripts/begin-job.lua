--- Begins a job, unless it is under way, or as many are that begin as it does as there may be.
--- @keys tag
--- @args job holder leaseMs detail material[] prefix limit
--- @returns { "begun" } | { "running" } | { "full" }
--- @include keys job
if readJob(job) then
  return { "running" }
elseif limit ~= "" and countJobs(prefix) >= tonumber(limit) then
  return { "full" }
end
holdJob(job, holder, leaseMs, detail)
if material[1] then
  redis.call("HSET", materialsKey, job, material[1])
end
return { "begun" }
