-- Milliseconds by the server's clock: what expires and who came first is decided by it alone.
local function now_ms()
    local time = redis.call('TIME')
    return time[1] * 1000 + math.floor(time[2] / 1000)
end
