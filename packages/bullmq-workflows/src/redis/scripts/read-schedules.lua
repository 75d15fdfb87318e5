--- Reads which schedules are in force.
--- @keys tag
--- @returns { "schedules", now, digest, schedules, declarationCount, hasChanged, (key, firedUntil)* }
--- @include schedules
return inForce(readSchedules())
