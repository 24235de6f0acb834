-- What is asked of a release's passes is a hash: due (ms, by the clocks of the replicas), asked (the number of the last time somebody
-- asked) and rung (when its alarm was last set).
local function state(pass)
    local stored = redis.call('HMGET', pass, 'due', 'asked')
    if not stored[1] then return nil end
    return {tonumber(stored[1]), tonumber(stored[2])}
end
