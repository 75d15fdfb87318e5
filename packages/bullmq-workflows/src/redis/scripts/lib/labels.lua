--- What an instance can be found by. Its record has them too, one per line, so that who removes it knows.
--- @include keys clock
local function addLabels(id, labels)
  for i = 1, #labels do
    redis.call("ZADD", labelKey(labels[i]), stamp, id)
  end
end

--- Needs the record's labels.
local function removeLabels(id, record)
  for label in string.gmatch(record.labels or "", "[^\n]+") do
    redis.call("ZREM", labelKey(label), id)
  end
end
