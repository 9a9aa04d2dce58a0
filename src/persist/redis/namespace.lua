-- The start of each script. KEYS: those of `keys.rs`. ARGV[1]: the namespace's id, or the empty text to learn it.
local namespace, changes, used, old, session, claim = unpack(KEYS)
local state = redis.call('HMGET', namespace, 'id', 'format', 'version', 'clock', 'floor', 'floor_version', 'trim_at', 'trim_to', 'token')
local version, clock, floor, floor_version = tonumber(state[3]), tonumber(state[4]), state[5], tonumber(state[6])
local known = state[1] and (ARGV[1] == '' or ARGV[1] == state[1]) and version and clock and floor_version
    and floor and floor:find('^%x+$') and #floor == 16
local time = redis.call('TIME')
clock = math.max(clock or 0, time[1] * 1000 + math.floor(time[2] / 1000))
local ZERO = '0000000000000000'

local function text(number)
    return string.format('%.0f', number)
end

-- The first stamp of a millisecond.
local function stamp(millis)
    return string.format('%06x%06x0000', math.floor(millis / 16777216), millis % 16777216)
end

-- Stamp and writer of a stored entry: 32 digits, or none for a value that is not ours.
local function key(value)
    if value and value:find('[^0-9a-f]') == 33 then
        return value:sub(1, 32)
    end
    return ''
end

-- The stamp and the version of a stored `cleared`.
local function cleared_of(value)
    local at, stored = string.match(value or '', '^(%x+) (%d+)$')
    if at and #at == 16 then
        return at, stored
    end
end

-- Calls a command with a list of any length: `unpack` has a limit.
local function in_pieces(command, name, list)
    for from = 1, #list, 2000 do
        redis.call(command, name, unpack(list, from, math.min(from + 1999, #list)))
    end
end
