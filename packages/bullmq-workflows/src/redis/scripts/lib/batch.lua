--- Runs a script for each item of a batch. One that fails has no say over the others. A primary that
--- became a replica refuses all, and says so of the whole: that is what makes a client look for the
--- successor. When the answers have become large, the rest is to be asked for again: Redis serves
--- nobody else meanwhile.
--- @include items answer
local function messageOf(raised)
  return type(raised) == "table" and raised.err or tostring(raised)
end

local function runBatch(run)
  local replies = {}
  for i = 1, #items do
    local isDone, reply = true, { "later" }
    if answerBytes < ENOUGH_ANSWER_BYTES then
      isDone, reply = pcall(run, items[i])
    end
    if not isDone and messageOf(reply):find("READONLY", 1, true) then
      return redis.error_reply(messageOf(reply))
    end
    replies[i] = isDone and reply or { "failed", messageOf(reply) }
  end
  return cmsgpack.pack(replies)
end
