--- Pauses an instance that nothing runs any more, and frees its slot.
--- @include keys clock history place admit line
local function settleAsPaused(reply, id, record, ...)
  leavePlaces(id)
  if record.status == "queued" and lineOf(id) then
    -- One that is held leaves the line; one that is active blocks it.
    redis.call("ZREM", heldKey(lineOf(id)), id)
  end
  append(id, record, { '{"type":"workflow_paused"}' })
  moveTo(id, record, "paused", "pausedAt", stamp, "worker", "", "claimNonce", "", ...)
  return admit(reply)
end
