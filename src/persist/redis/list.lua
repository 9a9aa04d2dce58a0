-- When a session was last used, and the number and length of its cookies. ARGV: id, name.
local last_used = redis.call('ZSCORE', used, ARGV[2])
local values = redis.pcall('HVALS', session)
if not known or not last_used or values.err or #values == 0 then
    return {0}
end
local cookies, bytes = 0, 0
for _, value in ipairs(values) do
    local _, stop = value:find('^ %d+ [-%d]+ [-%d]+ [-%d]+ ', 33)
    if stop and key(value) ~= '' then
        cookies, bytes = cookies + 1, bytes + #value - stop
    end
end
return {1, math.floor(last_used), cookies, bytes}
