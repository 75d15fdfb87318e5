--- Runs a script for each item of a batch: a number of arguments, then these. One that fails has no say
--- over the others. A primary that became a replica refuses all, and says so of the whole: that is what
--- makes a client look for the successor.
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end

local function runBatch(run)
  local replies, at = {}, 1
  while ARGV[at] do
    local isDone, reply = pcall(run, at + 1)
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[#replies + 1] = isDone and reply or { "failed", messageOf(reply) }
    at = at + 1 + ARGV[at]
  end
  return replies
end
