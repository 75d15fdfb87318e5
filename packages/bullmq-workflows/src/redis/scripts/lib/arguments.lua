--- Reads a list argument: its length, then its items. Also answers where the next one starts.
local function takeList(at)
  local list = {}
  for i = 1, tonumber(ARGV[at]) do
    list[i] = ARGV[at + i]
  end
  return list, at + #list + 1
end
