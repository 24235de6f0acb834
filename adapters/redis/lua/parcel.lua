-- A parcel is a hash: body version seq urgency leased_until. It stands in `ready` by rank, in `later` by the time before which it
-- may not go (put back, or leased), or in `parked` of the message in whose thread it goes until that one's place is known.
local function rank(urgency, seq) return urgency * 1e13 + seq end

local function make_ready(parcel, ready, key)
    local stored = redis.call('HMGET', parcel, 'urgency', 'seq')
    if stored[1] then redis.call('ZADD', ready, rank(stored[1], stored[2]), key) end
end

local function ring(bell)
    redis.call('LPUSH', bell, '1')
    redis.call('LTRIM', bell, 0, 0)
    redis.call('EXPIRE', bell, 60)
end
