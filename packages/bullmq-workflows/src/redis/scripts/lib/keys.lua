--- The only place that builds names. One line per key: its Redis type. docs/store.md says the rest.
local tag = KEYS[1]
local function instanceKey(id) return tag .. ":i:" .. id end -- hash
local function historyKey(id) return tag .. ":h:" .. id end -- list
local function eventsKey(id) return tag .. ":e:" .. id end -- hash
local function streamsKey(id) return tag .. ":s:" .. id end -- hash
local sequenceKey = tag .. ":sequence" -- string
local positionKey = tag .. ":position" -- string
local settingsKey = tag .. ":settings" -- hash
local barrierKey = tag .. ":barrier" -- string
local pendingKey = tag .. ":pending" -- zset
local backlogKey = tag .. ":backlog" -- zset
local leasesKey = tag .. ":leases" -- zset
local timersKey = tag .. ":timers" -- zset
local openStreamsKey = tag .. ":streams" -- zset
local outboxKey = tag .. ":outbox" -- stream
local expiryKey = tag .. ":expiry" -- zset
local deletedKey = tag .. ":deleted" -- zset
local function onceKey(job) return tag .. ":once:" .. job end -- hash
local schedulesKey = tag .. ":schedules" -- hash
local function activeKey(schedule) return tag .. ":active:" .. schedule end -- zset
local function heldKey(schedule) return tag .. ":held:" .. schedule end -- zset
local function statusKey(status) return tag .. ":status:" .. status end -- zset
local function labelKey(label) return tag .. ":label:" .. label end -- zset
local finishedChannel = tag .. ":finished" -- channel
local feedChannel = tag .. ":feed" -- channel
local function historyChannel(id) return tag .. ":history:" .. id end -- channel
local function workerChannel(workerId) return tag .. ":worker:" .. workerId end -- channel
local workflowsKey = tag .. ":workflows" -- hash
local forgottenKey = tag .. ":forgotten" -- zset
local jobsKey = tag .. ":jobs" -- hash
local materialsKey = tag .. ":materials" -- hash
local function reportsKey(workflow) return tag .. ":reports:" .. workflow end -- hash
local workersKey = tag .. ":workers" -- zset
local function presenceKey(worker) return tag .. ":presence:" .. worker end -- string
local tokensKey = tag .. ":tokens" -- hash
local webhooksKey = tag .. ":webhooks" -- hash
local function deliveriesKey(id) return tag .. ":deliveries:" .. id end -- list
local auditKey = tag .. ":audit" -- stream
local touchedKey = tag .. ":touched" -- string
