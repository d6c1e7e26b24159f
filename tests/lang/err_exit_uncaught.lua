-- An uncaught error: message and traceback on stderr, status 1.
print("before")
local function inner() error("uncaught") end
local function outer() inner() end
outer()
print("never")
