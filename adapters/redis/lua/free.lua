-- uses clock waiting
-- KEYS: locks queue waiters   ARGV: service release('' for a person's hold) patience
-- Answers the head of the queue, or nil. An expired hold may be freed too: its waiters are told by whoever does.
local text = redis.call('HGET', KEYS[1], ARGV[1])
if not text or (cjson.decode(text).release or '') ~= ARGV[2] then return nil end
redis.call('HDEL', KEYS[1], ARGV[1])
drop_impatient(KEYS[2], KEYS[3], now_ms(), tonumber(ARGV[3]))
local head = redis.call('ZRANGE', KEYS[2], 0, 0)[1]
if not head then return nil end
local waiter = redis.call('HGET', KEYS[3], head)
leave(KEYS[2], KEYS[3], head)
return waiter
