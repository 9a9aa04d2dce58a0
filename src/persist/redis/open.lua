-- The state of the namespace. ARGV: its id, an id to create it with, the format.
if known then
    redis.call('HSET', namespace, 'clock', text(clock))
    return {1, state[1], state[2], version, clock, floor}
end
if ARGV[1] ~= '' then
    return {0}
end
-- Versions begin again, so the changes of an earlier namespace would be taken for new ones.
redis.call('DEL', changes)
redis.call('HSET', namespace, 'id', ARGV[2], 'format', ARGV[3], 'version', 0, 'clock', text(clock),
    'floor', ZERO, 'floor_version', 0, 'trim_at', 0, 'trim_to', 0, 'token', 0)
return {1, ARGV[2], ARGV[3], 0, clock, ZERO}
