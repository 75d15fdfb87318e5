--- Judges a fenced write. Needs the record's status, fence and commit.
local function isLeased(record)
  return record.status == "running" or record.status == "waitingForPause"
end

local function holdsFence(record, fence)
  return record.fence == fence and isLeased(record)
end

--- "current", "repeat" of a write that was made, or "stale".
local function judge(record, fence, commit)
  if record.fence ~= fence then
    return "stale"
  elseif tonumber(commit) <= tonumber(record.commit) then
    return "repeat"
  end
  return isLeased(record) and "current" or "stale"
end

--- The same for a write that ends the activation: nothing can have been written after it.
local function judgeEnding(record, fence, commit)
  local judged = judge(record, fence, commit)
  if judged == "repeat" and isLeased(record) then
    error("Write " .. commit .. " ends its activation under a number that another write has used")
  elseif judged == "repeat" and record.commit ~= commit then
    return "stale"
  end
  return judged
end
