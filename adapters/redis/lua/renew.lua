-- KEYS: turns*   ARGV: holder lease
for _, turn in ipairs(KEYS) do
    if redis.call('GET', turn) == ARGV[1] then redis.call('PEXPIRE', turn, ARGV[2]) end
end
