-- What is asked of a release's passes is a hash: due (ms, by the clocks of the replicas), asked (the number of the last time somebody
-- asked) and rung (when its alarm was last set).
-- KEYS: pass numbers   ARGV: due now kept-seconds patience
-- Answers 1 when an alarm must be set: nothing was due, or only later. What is due already has an alarm or is being done, and whoever
-- does it looks again afterwards; but where that takes longer than `patience`, another alarm costs little.
local due, now = tonumber(ARGV[1]), tonumber(ARGV[2])
local stored = redis.call('HMGET', KEYS[1], 'due', 'rung')
local before, rung = tonumber(stored[1] or 'inf'), tonumber(stored[2] or 0)
local alarm = due < before or (before <= now and now - rung > tonumber(ARGV[4]))
redis.call('HSET', KEYS[1], 'due', math.min(due, before), 'asked', redis.call('INCR', KEYS[2]))
if alarm then redis.call('HSET', KEYS[1], 'rung', now) end
redis.call('EXPIRE', KEYS[1], ARGV[3])
return alarm and 1 or 0
