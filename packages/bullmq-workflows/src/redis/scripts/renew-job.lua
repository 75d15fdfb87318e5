--- Prolongs the hold on a job, and keeps how far it has come.
--- @keys tag
--- @args job holder leaseMs detail
--- @returns { "renewed" } | { "lost" }
--- @include job
local known = readJob(job)
if not known or known.holder ~= holder then
  return { "lost" }
end
holdJob(job, holder, leaseMs, detail)
return { "renewed" }
