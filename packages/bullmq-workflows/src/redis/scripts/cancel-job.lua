--- Takes a job away from whoever has it.
--- @keys tag
--- @args job workflow id
--- @returns { "cancelled" } | { "missing" }
--- @include keys job report
local known = readJob(job)
if not known then
  return { "missing" }
end
endJob(job)
if id ~= "" then
  keepReport(workflow, id, "cancelled", known.detail)
end
return { "cancelled" }
