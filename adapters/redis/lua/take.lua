-- uses clock parcel
-- KEYS: ready later   ARGV: prefix-of-parcels holder lease   Answers {body, version, key} or nil.
local now = now_ms()
for _, key in ipairs(redis.call('ZRANGE', KEYS[2], '-inf', now, 'BYSCORE', 'LIMIT', 0, 100)) do
    redis.call('ZREM', KEYS[2], key)
    make_ready(ARGV[1] .. key, KEYS[1], key)
end
while true do
    local key = redis.call('ZPOPMIN', KEYS[1])[1]
    if not key then return nil end
    local parcel = ARGV[1] .. key
    local stored = redis.call('HMGET', parcel, 'body', 'version')
    if stored[1] then
        local until_ms = now + tonumber(ARGV[3])
        redis.call('HSET', parcel, 'leased_until', until_ms, 'holder', ARGV[2])
        redis.call('ZADD', KEYS[2], until_ms, key)
        return {stored[1], stored[2], key}
    end
end
