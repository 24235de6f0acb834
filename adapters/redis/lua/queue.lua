-- uses clock waiting
-- KEYS: queue waiters   ARGV: patience   Answers those who wait, first come first.
drop_impatient(KEYS[1], KEYS[2], now_ms(), tonumber(ARGV[1]))
local people = redis.call('ZRANGE', KEYS[1], 0, -1)
if #people == 0 then return {} end
return redis.call('HMGET', KEYS[2], unpack(people))
