-- KEYS: counter server
-- ARGV: above gap
-- Answers the next count, greater than `above`: what is known elsewhere. Behind a server that may have forgotten counts it gave out
-- (another one, or started anew), or that surely did, a gap is left for those.
local info = redis.pcall('INFO', 'server')
local server = type(info) == 'string' and string.match(info, 'run_id:(%x+)') or ''
local count, above = tonumber(redis.call('GET', KEYS[1]) or 0), tonumber(ARGV[1])
local same = redis.call('GET', KEYS[2]) == server
if count < above or (count > 0 and not same) then
    redis.call('SET', KEYS[1], math.max(count, above) + tonumber(ARGV[2]))
end
if not same then redis.call('SET', KEYS[2], server) end
return redis.call('INCR', KEYS[1])
