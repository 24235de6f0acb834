-- KEYS: pass turn   ARGV: holder asked following('' for none) kept-seconds
-- Whoever lost the turn changes nothing. Where somebody asked again while the pass ran, what was due stays due.
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return end
redis.call('DEL', KEYS[2])
if redis.call('HGET', KEYS[1], 'asked') ~= ARGV[2] then return end
if ARGV[3] == '' then
    redis.call('DEL', KEYS[1])
else
    redis.call('HSET', KEYS[1], 'due', ARGV[3])
    redis.call('EXPIRE', KEYS[1], ARGV[4])
end
