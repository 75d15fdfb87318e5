--- What the script is called with: the arguments of each call of a batch.
local items = cmsgpack.unpack(ARGV[1])
