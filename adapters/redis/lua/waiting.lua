-- The queue of a service: a sorted set of person ids by arrival, and a hash of their places.
local function leave(queue, waiters, person)
    redis.call('ZREM', queue, person)
    redis.call('HDEL', waiters, person)
end

local function drop_impatient(queue, waiters, now, patience)
    for _, person in ipairs(redis.call('ZRANGE', queue, '-inf', now - patience, 'BYSCORE')) do
        leave(queue, waiters, person)
    end
end

local function place_of(queue, person)
    local rank = redis.call('ZRANK', queue, person)
    return rank and rank + 1 or 0
end

-- Two who come in the same millisecond, or after the clock was set back, still stand one behind the other.
local function arrival(queue, now)
    local last = redis.call('ZRANGE', queue, -1, -1, 'WITHSCORES')[2]
    return last and math.max(now, tonumber(last) + 0.001) or now
end

local function join(queue, waiters, person, waiter, now, patience, places)
    if redis.call('ZCARD', queue) >= places or redis.call('ZSCORE', queue, person) then return end
    local entry = cjson.decode(waiter)
    entry.since = now
    redis.call('ZADD', queue, arrival(queue, now), person)
    redis.call('HSET', waiters, person, cjson.encode(entry))
    redis.call('PEXPIRE', queue, patience)
    redis.call('PEXPIRE', waiters, patience)
end
