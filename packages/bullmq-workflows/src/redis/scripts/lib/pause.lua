--- Pauses an instance that nothing runs any more, and frees its slot.
--- @include keys clock history place admit
local function settleAsPaused(reply, id, record, ...)
  leavePlaces(id)
  append(id, record, { '{"type":"workflow_paused"}' })
  moveTo(id, record, "paused", "pausedAt", stamp, "worker", "", "claimNonce", "", ...)
  return admit(reply)
end
