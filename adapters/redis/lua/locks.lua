-- uses clock held
-- KEYS: locks   ARGV: service('' for all)   Answers the locks in force.
local now = now_ms()
local services = ARGV[1] ~= '' and {ARGV[1]} or redis.call('HKEYS', KEYS[1])
local found = {}
for _, service in ipairs(services) do
    local lock, text = held(KEYS[1], service, now)
    if lock then found[#found + 1] = text end
end
return found
