-- Grants a claim, or renews it. ARGV: id, owner, its time in milliseconds. Returns the token, or 0 if another owner has it.
if not known then
    return {0}
end
local held = redis.pcall('GET', claim)
if type(held) == 'table' then
    return {3}
end
local owner, token = string.match(held or '', '^(%x+) (%d+)$')
if owner and owner ~= ARGV[2] then
    return {1, version, 0}
end
if not owner then
    token = text(math.max((tonumber(state[9]) or 0) + 1, clock * 1000))
    redis.call('HSET', namespace, 'token', token, 'clock', text(clock))
end
redis.call('SET', claim, ARGV[2] .. ' ' .. token, 'PX', ARGV[3])
return {1, version, tonumber(token)}
