-- A release's record and history. keys: record, events, live, history.
local function enter(keys, id, revision, text, started, open)
    local stored = redis.call('HGET', keys[1], 'revision')
    if not stored or tonumber(stored) < tonumber(revision) then
        redis.call('HSET', keys[1], 'revision', revision, 'text', text)
    end
    redis.call('ZADD', keys[4], started, id)
    redis.call(open == '1' and 'SADD' or 'SREM', keys[3], id)
end

-- A field names an event once and for all; the number in front of its text keeps the order of arrival.
local function append(events, field, text)
    redis.call('HSETNX', events, field, string.format('%06d', redis.call('HLEN', events)) .. text)
end
