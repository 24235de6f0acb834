-- uses clock parcel
-- KEYS: parcel place ready later bell numbers [parked parent-place]
-- ARGV: key body urgency fingerprint kept-seconds
local key = ARGV[1]
local leased = tonumber(redis.call('HGET', KEYS[1], 'leased_until') or 0) > now_ms()
if not leased and redis.call('HGET', KEYS[2], 'said') == ARGV[4] then
    redis.call('DEL', KEYS[1])
    redis.call('ZREM', KEYS[3], key)
    redis.call('ZREM', KEYS[4], key)
    return 0
end
local number = redis.call('INCR', KEYS[6])
redis.call('HSETNX', KEYS[1], 'seq', number)
redis.call('HSET', KEYS[1], 'body', ARGV[2], 'version', number, 'urgency', ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[5])
if redis.call('ZSCORE', KEYS[4], key) then return 1 end
if KEYS[7] and redis.call('HEXISTS', KEYS[8], 'ts') == 0 then
    redis.call('SADD', KEYS[7], key)
    redis.call('EXPIRE', KEYS[7], ARGV[5])
    return 1
end
make_ready(KEYS[1], KEYS[3], key)
ring(KEYS[5])
return 1
