-- KEYS: audit seen   ARGV: record kept remembered-ms   The same record is written once.
if redis.call('SET', KEYS[2], '1', 'NX', 'PX', ARGV[3]) then
    redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 'record', ARGV[1])
end
