-- uses parcel
-- KEYS: parcel place ready later bell parked
-- ARGV: key version fingerprint kept-seconds prefix-of-parcels [channel ts]
local key = ARGV[1]
redis.call('HSET', KEYS[2], 'said', ARGV[3])
if ARGV[7] then redis.call('HSET', KEYS[2], 'channel', ARGV[6], 'ts', ARGV[7]) end
redis.call('EXPIRE', KEYS[2], ARGV[4])

local stored = redis.call('HGET', KEYS[1], 'version')
if stored == ARGV[2] then
    redis.call('DEL', KEYS[1])
    redis.call('ZREM', KEYS[3], key)
    redis.call('ZREM', KEYS[4], key)
elseif stored then
    redis.call('HDEL', KEYS[1], 'leased_until', 'holder')
    redis.call('ZREM', KEYS[4], key)
    make_ready(KEYS[1], KEYS[3], key)
    ring(KEYS[5])
end

if not ARGV[7] then return end
for _, child in ipairs(redis.call('SMEMBERS', KEYS[6])) do
    make_ready(ARGV[5] .. child, KEYS[3], child)
    ring(KEYS[5])
end
redis.call('DEL', KEYS[6])
