--- Ends a job, unless somebody else has it.
--- @keys tag
--- @args job holder
--- @returns { "ended" } | { "lost" }
--- @include keys job
local known = readJob(job)
if not known or known.holder ~= holder then
  return { "lost" }
end
redis.call("HDEL", jobsKey, job)
return { "ended" }
