-- The lock of a service that is in force now, or nil. An expired one stays stored until somebody takes or frees it.
local function held(locks, service, now)
    local text = redis.call('HGET', locks, service)
    if not text then return nil end
    local lock = cjson.decode(text)
    if lock.expires_at and lock.expires_at <= now then return nil end
    return lock, text
end
