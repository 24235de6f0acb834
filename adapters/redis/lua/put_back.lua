-- uses clock
-- KEYS: parcel ready later   ARGV: key delay
if redis.call('EXISTS', KEYS[1]) == 0 then return end
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('HDEL', KEYS[1], 'leased_until', 'holder')
redis.call('ZADD', KEYS[3], now_ms() + tonumber(ARGV[2]), ARGV[1])
