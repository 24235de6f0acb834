-- uses clock held waiting
-- KEYS: locks queue waiters   ARGV: service person lock ttl('' for none) patience
-- Answers as admit does: {1 newly held | 2 renewed, lock} or {0, lock, place or 0}.
local now = now_ms()
local service, person = ARGV[1], ARGV[2]
drop_impatient(KEYS[2], KEYS[3], now, tonumber(ARGV[5]))
local lock, text = held(KEYS[1], service, now)
if lock and (lock.release or lock.by.id ~= person) then
    return {0, text, place_of(KEYS[2], person)}
end
local taken = cjson.decode(ARGV[3])
taken.since = lock and lock.since or now
if ARGV[4] ~= '' then taken.expires_at = now + tonumber(ARGV[4]) end
text = cjson.encode(taken)
redis.call('HSET', KEYS[1], service, text)
leave(KEYS[2], KEYS[3], person)
return {lock and 2 or 1, text}
