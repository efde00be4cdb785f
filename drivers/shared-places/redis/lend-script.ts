/**
 * One hash for each key, with a row for each gateway: what it has, what it wants, until when. In one step, so that no two
 * gateways are lent the same place: rows that have run out go; the cap is divided by max-min fairness (whoever wants no more
 * than an even part gets what it wants, the rest is divided among the others), what is left of the division goes to one
 * gateway after the other, a second each; and nobody gets what another still has or uses. Times are Redis' own.
 */
export const LEND_SCRIPT = `
local me, cap, inUse, wanted, ttl = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local held, all = 0, { { name = me, wanted = wanted } }
local rows = redis.call('HGETALL', KEYS[1])
for i = 1, #rows, 2 do
  if rows[i] ~= me then
    local has, wants, ends = string.match(rows[i + 1], '^(%d+) (%d+) (%d+)$')
    if not ends or tonumber(ends) <= now then
      redis.call('HDEL', KEYS[1], rows[i])
    else
      held = held + tonumber(has)
      all[#all + 1] = { name = rows[i], wanted = tonumber(wants) }
    end
  end
end
table.sort(all, function(a, b) return a.wanted < b.wanted or (a.wanted == b.wanted and a.name < b.name) end)
local left, target = cap, wanted
for i = 1, #all do
  local sharing = #all - i + 1
  local even = math.floor(left / sharing)
  if all[i].wanted > even then
    local names = {}
    for j = i, #all do names[#names + 1] = all[j].name end
    table.sort(names)
    for j = 1, sharing do
      if names[j] == me then
        local turn = (j - 1 + time[1]) % sharing
        target = math.min(wanted, even + (turn < left % sharing and 1 or 0))
      end
    end
    break
  end
  left = left - all[i].wanted
end
local given = math.min(target, math.max(0, cap - held))
local has = math.max(inUse, given)
if has == 0 and wanted == 0 then
  redis.call('HDEL', KEYS[1], me)
else
  redis.call('HSET', KEYS[1], me, string.format('%d %d %.0f', has, wanted, now + ttl))
  redis.call('PEXPIRE', KEYS[1], ttl)
end
return given
`;
