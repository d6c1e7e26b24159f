---@meta jit

---What a script may say and ask of Perigee's compiling tiers: `local jit = require "jit"`.
---
---Functions begin in the interpreter; those that are used often are compiled by the baseline tier, and those that stay
---hot by the optimizing one. What a function computes never depends on its tier.
---@class jitlib
---@field version string the runtime and its version, as in "Perigee 0.1.0"
---@field os string "Linux", "BSD", "POSIX", "OSX" or "Other"
---@field arch string "x64", "arm64", "riscv64" or "other"
local jit = {}

---A tier by its name.
---@alias jit.tiername
---| "interpreter"
---| "baseline"
---| "optimizing"

---Numbers of one compiling tier.
---@class jit.tierstats
---@field functions integer alive, and running in this tier
---@field requests? integer compilations asked for (this and the rest: not of the interpreter)
---@field compiled? integer
---@field failed? integer
---@field dropped? integer requests that ended without trying
---@field code_bytes? integer machine code in use
---@field compile_ms? number CPU time
---@field wait_ms? number from requests to installation

---@class jit.stats
---@field functions integer Lua functions alive
---@field uses integer their calls and loop iterations, as far as they are counted
---@field waiting integer requests under way
---@field codes_freed integer compiled functions whose memory was given back
---@field codes_lost integer compiled code that was given up while its function lived
---@field start_ms number CPU time of loading the compilers
---@field interpreter jit.tierstats
---@field baseline jit.tierstats
---@field optimizing jit.tierstats
---@field ends table<string, integer> requests that ended without code, by reason
---@field deoptimisations table<string, integer> how often compiled code was left or given up, by reason

---Switches compilation on: for the whole state; for `f`; for the calling function, if `f` is true. With `recursive` also
---for the functions nested in it.
---@param f? function|true
---@param recursive? boolean
function jit.on(f, recursive) end

---Switches compilation off, likewise. Running calls go on in the interpreter, compiled code is thrown away.
---@param f? function|true
---@param recursive? boolean
function jit.off(f, recursive) end

---Throws compiled code away, of `f` or of all functions; counting begins anew, and former failures are forgotten.
---@param f? function|true
function jit.flush(f) end

---Is compilation on? Then facts: the tiers in use, and, once they were needed, what the compilers are or why there are none.
---@return boolean on
---@return string ...
---@nodiscard
function jit.status() end

---The tier that calls of `f` run in now, and the one that its uses call for.
---@param f function
---@return jit.tiername installed
---@return jit.tiername wanted
---@nodiscard
function jit.tier(f) end

---Compiles `f` now, up to a tier (default: "optimizing"). Optimised code is as good as the profile of `f`: let it run some hundred
---times first. On failure: nil, why, and the status ("disabled", "compilation failed", "limit reached").
---@param f function
---@param tier? "baseline"|"optimizing"
---@return true? compiled
---@return string? why
---@return string? status
function jit.compile(f, tier) end

---Why `f` is in no higher tier.
---@param f function
---@return string sentence
---@nodiscard
function jit.why(f) end

---Numbers of the state.
---@return jit.stats
---@nodiscard
function jit.stats() end

---How many uses (calls and loop iterations) the tiers are wanted after. Returns the numbers that held so far; sets new ones if given.
---@param baseline? integer at least 1
---@param optimizing? integer no less than baseline
---@return integer baseline
---@return integer optimizing
function jit.thresholds(baseline, optimizing) end

return jit
