--- Ends a job, unless somebody else has it. One that has an id leaves a report.
--- @keys tag
--- @args job holder workflow id detail
--- @returns { "ended" } | { "lost" }
--- @include keys job report
local known = readJob(job)
if not known or known.holder ~= holder then
  return { "lost" }
end
endJob(job)
if id ~= "" then
  keepReport(workflow, id, "complete", detail)
end
return { "ended" }
