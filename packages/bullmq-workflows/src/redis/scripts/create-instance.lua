--- Creates an instance, unless its id is taken by another one.
--- @keys tag
--- @args id params priority delayMs successMs errorMs nonce
--- @returns { "created", request? } | { "exists" }
--- @include create
local reply = createOne(id, params, priority, delayMs, successMs, errorMs, nonce)
return reply
