-- KEYS: counter
-- ARGV: above
-- Answers the next count, greater than `above`: a store that forgot its count goes on behind the numbers that are known elsewhere.
if tonumber(redis.call('GET', KEYS[1]) or 0) < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], ARGV[1]) end
return redis.call('INCR', KEYS[1])
