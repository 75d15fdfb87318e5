--- Judges a fenced write. Needs the record's status, fence and commit. `after` is the number of the last
--- write that was confirmed under the fence: a record that knows less went back in time, and appending to
--- it would leave a gap.
--- @include keys
local function isLeased(record)
  return record.status == "running" or record.status == "waitingForPause"
    -- One that rolls back is that in line and while it waits, too.
    or (record.status == "rollingBack" and redis.call("ZSCORE", leasesKey, record.id))
end

local function holdsFence(record, fence)
  return record.fence == fence and isLeased(record)
end

--- "current", "repeat" of a write that was made, or "stale".
local function judge(record, fence, commit, after)
  if record.fence ~= fence or tonumber(record.commit) < tonumber(after) then
    return "stale"
  elseif tonumber(commit) <= tonumber(record.commit) then
    return "repeat"
  end
  return isLeased(record) and "current" or "stale"
end

--- The same for a write that ends the activation: nothing can have been written after it.
local function judgeEnding(record, fence, commit, after)
  local judged = judge(record, fence, commit, after)
  if judged == "repeat" and isLeased(record) then
    error("Write " .. commit .. " ends its activation under a number that another write has used")
  elseif judged == "repeat" and record.commit ~= commit then
    return "stale"
  end
  return judged
end
