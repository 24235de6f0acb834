-- uses record
-- KEYS: record events live history inbox taken asked
-- ARGV: id revision record started open remembered-seconds number-of-events (field event)* taken-ids*
-- Answers '' or the stored revision that is newer.
local stored = redis.call('HGET', KEYS[1], 'revision')
if stored and tonumber(stored) > tonumber(ARGV[2]) then return stored end
enter(KEYS, ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5])
local last = 7 + 2 * tonumber(ARGV[7])
for i = 8, last, 2 do append(KEYS[2], ARGV[i], ARGV[i + 1]) end
for i = last + 1, #ARGV do
    redis.call('HDEL', KEYS[5], ARGV[i])
    redis.call('SADD', KEYS[6], ARGV[i])
end
if ARGV[5] ~= '1' or redis.call('EXISTS', KEYS[5]) == 0 then redis.call('SREM', KEYS[7], ARGV[1]) end
if #ARGV > last then redis.call('EXPIRE', KEYS[6], ARGV[6]) end
return ''
