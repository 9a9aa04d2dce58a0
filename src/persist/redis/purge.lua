-- Removes what is no longer needed of one session. ARGV: id, name, the stamp before which it is old, its milliseconds,
-- the session's life. Returns whether anything was removed.
if not known then
    return {0}
end
local name, before, millis, life = ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]
if stamp(clock) < before then
    before, millis = stamp(clock), clock
end
local function millis_of(at)
    return tonumber(at:sub(1, 6), 16) * 16777216 + tonumber(at:sub(7, 12), 16)
end
-- The greatest removed stamp and version.
local greatest, newest = '', 0
local function remove(at, stored)
    if at > greatest then greatest = at end
    newest = math.max(newest, stored)
end
local function raise()
    if greatest == '' then
        return
    end
    local low = tonumber(greatest:sub(9), 16) + 1
    local high = tonumber(greatest:sub(1, 8), 16) + math.floor(low / 4294967296)
    local least = string.format('%08x%08x', high, low % 4294967296)
    if least > floor then floor = least end
    redis.call('HSET', namespace, 'floor', floor,
        'floor_version', text(math.max(floor_version, math.min(newest, version))))
end

local all = redis.pcall('HGETALL', session)
local last_used = redis.call('ZSCORE', used, name)
if all.err then
    redis.call('ZREM', old, name)
    return {1, 0}
end
if #all == 0 then
    -- It has expired, or the server evicted it.
    redis.call('ZREM', old, name)
    local at = last_used and stamp(last_used + 60000)
    if at and at < before then
        remove(at, 0)
        raise()
    end
    return {1, redis.call('ZREM', used, name)}
end

local gone, left, due, cleared, cleared_version = {}, 0, math.huge, nil, 0
for i = 1, #all, 2 do
    local identity, value = all[i], all[i + 1]
    local at = key(value):sub(1, 16)
    local _, stop, stored = value:find('^ (%d+)', 33)
    if identity == '' then
        cleared, cleared_version = cleared_of(value)
    elseif at == '' or not stop then
        left = left + 1
    else
        local is_tombstone = stop == #value
        local expires = tonumber(value:match('^ [-%d]+ ([-%d]+) ', stop + 1))
        if at < before and (is_tombstone or expires and expires * 1000 < millis) then
            gone[#gone + 1] = identity
            remove(at, tonumber(stored))
        else
            left = left + 1
            if is_tombstone then
                due = math.min(due, millis_of(at))
            elseif expires then
                due = math.min(due, math.max(millis_of(at), expires * 1000))
            end
        end
    end
end

local ends = not last_used and left == 0 and (cleared or '') < before
if ends then
    if cleared and cleared ~= ZERO then
        remove(cleared, tonumber(cleared_version))
    end
    redis.call('DEL', session)
    due = math.huge
else
    in_pieces('HDEL', session, gone)
    if left == 0 and not cleared then
        -- A hash without fields would be no session.
        redis.call('HSET', session, '', ZERO .. ' 0')
    end
    if left == 0 and not last_used then
        due = millis_of(cleared or ZERO)
    end
    if life ~= '' then
        due = math.min(due, (last_used or clock) + life)
        redis.call('PEXPIREAT', session, text((last_used or clock) + life))
    end
end
raise()
if due < math.huge then
    redis.call('ZADD', old, text(due), name)
else
    redis.call('ZREM', old, name)
end
return {1, (ends or #gone > 0) and 1 or 0}
