-- KEYS: pass turn   ARGV: holder now lease
-- Answers nil when nothing is asked, else {due, asked, 1 when the pass is due and this holder's to perform}.
local stored = redis.call('HMGET', KEYS[1], 'due', 'asked')
if not stored[1] then return nil end
local due = tonumber(stored[1])
local mine = due <= tonumber(ARGV[2]) and redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[3])
return {due, tonumber(stored[2]), mine and 1 or 0}
