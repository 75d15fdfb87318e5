--- Whether an instance rolls back that has these items of a list, from one on, in its history.
local function beginsRollback(items, from)
  for i = from, #items do
    local type = string.match(items[i], '^%d+{"type":"rollback_(%a+)"')
    if type == "requested" or type == "started" then
      return true
    end
  end
  return false
end
