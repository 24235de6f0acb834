-- uses pass
-- KEYS: pass   ARGV: asked following('' for none) kept-seconds   Answers {due, asked} or nil.
-- Somebody asked again while the pass ran: then what was due stays due.
if redis.call('HGET', KEYS[1], 'asked') == ARGV[1] then
    if ARGV[2] == '' then
        redis.call('DEL', KEYS[1])
    else
        redis.call('HSET', KEYS[1], 'due', ARGV[2])
        redis.call('EXPIRE', KEYS[1], ARGV[3])
    end
end
return state(KEYS[1])
