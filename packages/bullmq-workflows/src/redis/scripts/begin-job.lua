--- Begins a job, unless it is under way.
--- @keys tag
--- @args job holder leaseMs detail
--- @returns { "begun" } | { "running" }
--- @include job
if readJob(job) then
  return { "running" }
end
holdJob(job, holder, leaseMs, detail)
return { "begun" }
