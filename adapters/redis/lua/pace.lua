-- uses clock
-- KEYS: given (list of times, newest first) queue (sorted set: write by first asked) until (sorted set: write by when it is forgotten)
-- ARGV: write most-a-second grace kept   Answers 0 when the write may go now, else in how many milliseconds its turn comes.
-- At most so many turns are given in any second. Who waits has one kept, in order; who does not come in time loses it.
local second = 1000
local now = now_ms()
local write, most = ARGV[1], tonumber(ARGV[2])
for _, late in ipairs(redis.call('ZRANGE', KEYS[3], '-inf', now, 'BYSCORE')) do
    redis.call('ZREM', KEYS[2], late)
    redis.call('ZREM', KEYS[3], late)
end
if redis.call('ZSCORE', KEYS[3], write) and not redis.call('ZSCORE', KEYS[2], write) then return 0 end

redis.call('ZADD', KEYS[2], 'NX', now, write)
local ahead = redis.call('ZRANK', KEYS[2], write)
-- A turn comes a second after the one `most` before it; those ahead take theirs first, whether they have come yet or not.
local before = tonumber(redis.call('LINDEX', KEYS[1], most - 1 - ahead % most) or 0)
local wait = math.max(0, math.min(before, now) + second - now) + math.floor(ahead / most) * second
if wait == 0 then
    redis.call('ZREM', KEYS[2], write)
    redis.call('LPUSH', KEYS[1], now)
    redis.call('LTRIM', KEYS[1], 0, most - 1)
    redis.call('PEXPIRE', KEYS[1], 2 * second)
end
redis.call('ZADD', KEYS[3], now + wait + tonumber(ARGV[3]), write)
redis.call('PEXPIRE', KEYS[2], ARGV[4])
redis.call('PEXPIRE', KEYS[3], ARGV[4])
return wait
