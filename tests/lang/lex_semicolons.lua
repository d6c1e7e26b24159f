-- Empty statements and separators.
;;;
local a = 1; local b = 2;
;do;;end;
if a then;elseif b then;else;end
while false do;end
repeat;until true
for _ = 1, 0 do;end
local function f() return; end
local function g() ; return 1, 2; end
print(f(), g());
(print)("call in parentheses after a semicolon");
local t = {1; 2, 3;}
print(#t)
goto done;
::done::;
print "string call"
print [[long string call]]
print(type{}, #{"a"; "b"});
