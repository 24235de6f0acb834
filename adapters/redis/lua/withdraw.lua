-- Take an admission back that too few replicas acknowledged.
-- KEYS: locks record events live history   ARGV: service release lock
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[3] then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
if ARGV[2] ~= '' then
    redis.call('DEL', KEYS[2], KEYS[3])
    redis.call('SREM', KEYS[4], ARGV[2])
    redis.call('ZREM', KEYS[5], ARGV[2])
end
return 1
