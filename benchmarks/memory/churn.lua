-- The collector's time: 100 MB of live objects beside 6 million short-lived ones.
--
--     churn.lua incremental|generational|stopped
--
-- Prints `seconds` of CPU time of the churning alone. The driver subtracts the stopped run; a host that offers `gcstats` (gc_host.c)
-- adds what the collector itself has measured.
local LIVE, CHURN = 100 * 1024, 6000000

local function live()
    local kept, n = {}, 0
    repeat
        for _ = 1, 1000 do
            n = n + 1
            kept[n] = { id = n, next = kept[n - 1] }
        end
    until collectgarbage("count") >= LIVE
    return kept
end

local function churn(kept, n)
    local recent, size = {}, #kept
    for i = 1, n do
        local o = { id = i, next = kept[i % size + 1] }
        recent[i % 128] = o
        if i % 100 == 0 then kept[i * 7919 % size + 1] = { id = i } end
    end
end

local mode = arg[1]
collectgarbage("stop")
local kept = live()
collectgarbage("restart")
if mode ~= "stopped" then collectgarbage(mode) end
collectgarbage()
if mode == "stopped" then collectgarbage("stop") end
if gcstats then gcstats(true) end
local start = os.clock()
churn(kept, CHURN)
print(("seconds %.4f"):format(os.clock() - start))
if gcstats then
    for name, value in pairs(gcstats(false)) do print(name, value) end
end
