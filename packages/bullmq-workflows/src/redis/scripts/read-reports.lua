--- Reads which jobs are under way, and what those of a workflow that have ended have left.
--- @keys tag
--- @args workflow
--- @returns { "reports", (job, text)*, (id, report)* }
--- @include keys
return { "reports", redis.call("HGETALL", jobsKey), redis.call("HGETALL", reportsKey(workflow)) }
