-- KEYS: inbox taken arrivals asked   ARGV: id instruction remembered-seconds release   Answers 1 when it is new.
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 or redis.call('SISMEMBER', KEYS[2], ARGV[1]) == 1 then return 0 end
local number = redis.call('INCR', KEYS[3])
redis.call('HSET', KEYS[1], ARGV[1], string.format('%015d', number) .. ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('SADD', KEYS[4], ARGV[4])
return 1
