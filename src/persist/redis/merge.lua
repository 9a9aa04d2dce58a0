-- Merges what a batch changes in some sessions, one after another. KEYS: after those of the namespace, the session's and its claim's for
-- each session. ARGV: id, the sessions' life in milliseconds, the greatest stamp; then for each session its name, `cleared` or nothing,
-- 1 if the session ends, when something of it can be purged, the owner whose claim ends, the number of its entries; and for each entry
-- its identity, its stamp and writer, and the rest of its value. Returns 0: another namespace; 1: merged, with the newest version, how
-- many versions were taken, and whether a key is another program's; 2: a stamp is ahead of the clock.
if not known then
    return {0}
end
local life, now = ARGV[2], text(clock)
if ARGV[3] > stamp(clock + 60000) then
    redis.call('HSET', namespace, 'clock', now)
    return {2, clock}
end
local oldest, most = version, version + (#KEYS - 4) / 2
-- The versions first: if a later command fails, readers find a gap and load anew.
redis.call('HSET', namespace, 'version', text(most), 'clock', now)

-- Returns the values of fields, or nothing if the key is another program's.
local function values(session, fields)
    local all = redis.pcall('HMGET', session, unpack(fields, 1, math.min(#fields, 2000)))
    if all.err then
        return
    end
    for from = 2001, #fields, 2000 do
        local more = redis.call('HMGET', session, unpack(fields, from, math.min(from + 1999, #fields)))
        for _, value in ipairs(more) do
            all[#all + 1] = value
        end
    end
    return all
end

-- Removes the entries below `cleared`. Returns the identities of the cookies that remain.
local function clear(session, cleared)
    local all, dead, living = redis.call('HGETALL', session), {}, {}
    for i = 1, #all, 2 do
        local identity, stored = all[i], key(all[i + 1])
        if identity ~= '' and stored:sub(1, 16) < cleared then
            dead[#dead + 1] = identity
        elseif stored ~= '' and all[i + 1]:find(' ', 34, true) then
            living[identity] = true
        end
    end
    in_pieces('HDEL', session, dead)
    return living
end

-- Appends a change to the stream.
local function append(id, name, cleared, log)
    local function add(call)
        return call('XADD', changes, 'MAXLEN', '~', 100000, id, 'session', name, 'cleared', cleared, 'entries', log)
    end
    local added = add(redis.pcall)
    if type(added) == 'table' and added.err then
        -- Another program has written to the stream. Readers find a gap.
        redis.call('DEL', changes)
        add(redis.call)
    end
end

-- Merges one session, whose arguments begin at `at`. Returns whether its key is ours.
local function merge(session, claim, at)
    local name, cleared, ended, due, released, count = ARGV[at], ARGV[at + 1], ARGV[at + 2] == '1', unpack(ARGV, at + 3, at + 5)
    local first, last = at + 6, at + 3 * count + 3
    local fields = {''}
    for i = first, last, 3 do
        fields[#fields + 1] = ARGV[i]
    end
    local stored = values(session, fields)
    if not stored then
        return false
    end
    local stored_cleared = cleared_of(stored[1]) or ''
    local clears, living = cleared > stored_cleared, {}
    if clears or ended then
        living = clear(session, clears and cleared or '')
    end
    if not clears then
        cleared = stored_cleared
    end

    local least = floor > cleared and floor or cleared
    local next_version, won, log, sets_cookie = text(version + 1), {}, {}, false
    for i = first, last, 3 do
        local identity, at, rest = ARGV[i], ARGV[i + 1], ARGV[i + 2]
        local old = stored[(i - first) / 3 + 2]
        -- `key` takes its time, and what is less than `at` has a lesser key, or none.
        if at >= least and (not old or old < at or key(old) < at) then
            local value = at .. ' ' .. next_version .. rest
            won[#won + 1], won[#won + 2] = identity, value
            local n = #log
            log[n + 1], log[n + 2], log[n + 3], log[n + 4] = #identity, ':', identity, ','
            log[n + 5], log[n + 6], log[n + 7], log[n + 8] = #value, ':', value, ','
            living[identity] = rest ~= '' or nil
            sets_cookie = sets_cookie or rest ~= ''
        end
    end
    if clears then
        won[#won + 1], won[#won + 2] = '', cleared .. ' ' .. next_version
    end
    if #won > 0 then
        version = version + 1
        in_pieces('HSET', session, won)
        append(next_version .. '-0', name, cleared, table.concat(log))
    end

    if ended and not next(living) then
        redis.call('ZREM', used, name)
    elseif ended or sets_cookie then
        redis.call('ZADD', used, now, name)
    else
        redis.call('ZADD', used, 'XX', now, name)
    end
    if life ~= '' then
        due = math.min(tonumber(due) or math.huge, clock + life)
        redis.call('PEXPIRE', session, life)
    end
    if due ~= '' then
        redis.call('ZADD', old, 'LT', due, name)
    end
    if released ~= '' then
        local held = redis.pcall('GET', claim)
        if type(held) == 'string' and held:sub(1, 33) == released .. ' ' then
            redis.call('DEL', claim)
        end
    end
    return true
end

local refused, at = 0, 4
for i = 5, #KEYS, 2 do
    if not merge(KEYS[i], KEYS[i + 1], at) then
        refused = 1
    end
    at = at + 6 + 3 * ARGV[at + 5]
end
if version < most then
    redis.call('HSET', namespace, 'version', text(version))
end
if version > oldest and clock >= (tonumber(state[7]) or 0) then
    redis.call('XTRIM', changes, 'MINID', '~', text(tonumber(state[8]) or 0) .. '-0')
    redis.call('HSET', namespace, 'trim_at', text(clock + 60000), 'trim_to', text(version))
end
return {1, version, version - oldest, refused}
