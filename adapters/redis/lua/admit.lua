-- uses clock held waiting record
-- KEYS: locks queue waiters record events live history
-- ARGV: service release lock asker waiter('' for none) places patience revision record started open event-field event
-- Answers {1 newly held | 2 held before, lock}, or {0, lock, place or 0}, or {} where the id is another release's.
local now = now_ms()
local service, release, asker = ARGV[1], ARGV[2], ARGV[4]
local patience = tonumber(ARGV[7])
drop_impatient(KEYS[2], KEYS[3], now, patience)

local lock, text = held(KEYS[1], service, now)
if lock and lock.release ~= release then
    if ARGV[5] ~= '' then join(KEYS[2], KEYS[3], asker, ARGV[5], now, patience, tonumber(ARGV[6])) end
    return {0, text, place_of(KEYS[2], asker)}
end

local status = lock and 2 or 1
if not lock then
    local known = redis.call('HGET', KEYS[4], 'text')
    if known and known ~= ARGV[9] then return {} end
    local taken = cjson.decode(ARGV[3])
    taken.since = now
    text = cjson.encode(taken)
    redis.call('HSET', KEYS[1], service, text)
end
leave(KEYS[2], KEYS[3], asker)
local keys = {KEYS[4], KEYS[5], KEYS[6], KEYS[7]}
enter(keys, release, ARGV[8], ARGV[9], ARGV[10], ARGV[11])
append(KEYS[5], ARGV[12], ARGV[13])
return {status, text}
