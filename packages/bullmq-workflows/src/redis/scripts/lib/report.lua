--- What is left of jobs that have ended.
--- @include keys clock
local MAX_REPORTS, REPORT_MS = 100, 604800000

local function keepReport(workflow, id, state, detail)
  local key = reportsKey(workflow)
  redis.call("HSET", key, id, state .. " " .. stamp .. " " .. detail)
  redis.call("PEXPIRE", key, REPORT_MS)
  local ids = redis.call("HKEYS", key)
  table.sort(ids)
  for i = 1, #ids - MAX_REPORTS do
    redis.call("HDEL", key, ids[i])
  end
end
