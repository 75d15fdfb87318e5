--- Prolongs the hold on a job.
--- @keys tag
--- @args job holder leaseMs
--- @returns { "renewed" } | { "lost" }
--- @include job
local known = readJob(job)
if not known or known.holder ~= holder then
  return { "lost" }
end
holdJob(job, holder, leaseMs, known.detail)
return { "renewed" }
