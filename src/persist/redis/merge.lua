-- Merges what a batch changes in one session. ARGV: id, name, `cleared` or nothing, 1 if the session ends, the greatest stamp,
-- when something of it can be purged, its life in milliseconds, the owner whose claim ends; then for each entry its identity, its stamp
-- and writer, and the rest of its value. Returns 0: another namespace; 1: merged; 2: a stamp is ahead; 3: the key is another program's.
if not known then
    return {0}
end
local name, cleared, ended, latest, due, life, released = ARGV[2], ARGV[3], ARGV[4] == '1', unpack(ARGV, 5, 8)
if latest > stamp(clock + 60000) then
    redis.call('HSET', namespace, 'clock', text(clock))
    return {2, version, 0, clock}
end
local stored_cleared = redis.pcall('HGET', session, '')
if type(stored_cleared) == 'table' then
    return {3, version, 0, clock}
end
stored_cleared = cleared_of(stored_cleared) or ''

local clears = cleared > stored_cleared
local dead, living = {}, {}
if clears or ended then
    local all = redis.call('HGETALL', session)
    for i = 1, #all, 2 do
        local identity, stored = all[i], key(all[i + 1])
        if identity ~= '' and clears and stored:sub(1, 16) < cleared then
            dead[#dead + 1] = identity
        elseif stored ~= '' and all[i + 1]:find(' ', 34, true) then
            living[identity] = true
        end
    end
end
if not clears then
    cleared = stored_cleared
end

local least = floor > cleared and floor or cleared
local next_version, won, log, sets_cookie = text(version + 1), {}, {}, false
local count = (#ARGV - 8) / 3
for from = 1, count, 1000 do
    local last = math.min(from + 999, count)
    local identities = {}
    for i = from, last do
        identities[#identities + 1] = ARGV[6 + 3 * i]
    end
    local stored = redis.call('HMGET', session, unpack(identities))
    for i = from, last do
        local identity, at, rest = ARGV[6 + 3 * i], ARGV[7 + 3 * i], ARGV[8 + 3 * i]
        if at:sub(1, 16) >= least and at > key(stored[i - from + 1]) then
            local value = at .. ' ' .. next_version .. rest
            won[#won + 1] = identity
            won[#won + 1] = value
            log[#log + 1] = #identity .. ':' .. identity .. ',' .. #value .. ':' .. value .. ','
            living[identity] = rest ~= '' or nil
            sets_cookie = sets_cookie or rest ~= ''
        end
    end
end

local taken = (clears or #won > 0) and 1 or 0
version = version + taken
-- The version first: if a later command fails, readers find a gap and load anew.
redis.call('HSET', namespace, 'version', text(version), 'clock', text(clock))
if ended and not next(living) then
    redis.call('ZREM', used, name)
elseif ended or sets_cookie then
    redis.call('ZADD', used, text(clock), name)
else
    redis.call('ZADD', used, 'XX', text(clock), name)
end
if life ~= '' then
    due = math.min(tonumber(due) or math.huge, clock + life)
end
if due ~= '' then
    redis.call('ZADD', old, 'LT', due, name)
end
if taken == 1 then
    in_pieces('HDEL', session, dead)
    if clears then
        won[#won + 1] = ''
        won[#won + 1] = cleared .. ' ' .. next_version
    end
    in_pieces('HSET', session, won)
    local function append(call)
        return call('XADD', changes, 'MAXLEN', '~', 100000, next_version .. '-0',
            'session', name, 'cleared', cleared, 'entries', table.concat(log))
    end
    local added = append(redis.pcall)
    if type(added) == 'table' and added.err then
        -- Another program has written to the stream. Readers find a gap.
        redis.call('DEL', changes)
        append(redis.call)
    end
    if clock >= (tonumber(state[7]) or 0) then
        redis.call('XTRIM', changes, 'MINID', '~', text(tonumber(state[8]) or 0) .. '-0')
        redis.call('HSET', namespace, 'trim_at', text(clock + 60000), 'trim_to', text(version))
    end
end
if life ~= '' then
    redis.call('PEXPIRE', session, life)
end
if released ~= '' then
    local held = redis.pcall('GET', claim)
    if type(held) == 'string' and held:sub(1, 33) == released .. ' ' then
        redis.call('DEL', claim)
    end
end
return {1, version, taken, clock}
