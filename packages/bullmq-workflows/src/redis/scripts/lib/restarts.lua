--- Which of the items of a list, from one on, is the last that has started its instance over.
local function lastRestart(items, from)
  for i = #items, from, -1 do
    if string.match(items[i], '^%d+{"type":"workflow_restarted"') then
      return i
    end
  end
end
