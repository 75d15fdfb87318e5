--- Creates an instance as create-instance does, to be found by its labels from then on.
--- @keys tag
--- @args id params priority delayMs successMs errorMs nonce labels[]
--- @returns { "created", request? } | { "exists" }
--- @include create labels
local reply, isNew = createOne(id, params, priority, delayMs, successMs, errorMs, nonce,
  "labels", table.concat(labels, "\n"))
if isNew then
  addLabels(id, labels)
end
return reply
