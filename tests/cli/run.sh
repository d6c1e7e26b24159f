#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Tests the command line from outside: run.sh PERIGEE_BINARY [--reference]
#
# A case gives the exit status, stdout and stderr that one invocation must produce. The program
# is always started under the name "perigee", so that messages are the same whatever the binary
# is called. An expectation that begins with "~" is a shell pattern; others match exactly, except
# for newlines at the end. With --reference only the cases that concern plain Lua run: they hold
# for Debian's command `lua5.4` (built with readline) word for word, which checks the expectations
# themselves.
#
# Prints a line for each failure, then "N passed, N failed".

set -u
[ $# -ge 1 ] || { echo "usage: $0 PERIGEE_BINARY [--reference]" >&2; exit 2; }
binary=$(realpath "$1")
reference=no
[ "${2-}" = --reference ] && reference=yes
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
unset LUA_INIT LUA_INIT_5_4 LUA_PATH LUA_PATH_5_4 LUA_CPATH LUA_CPATH_5_4
export PERIGEE_HISTORY= HOME="$work"

passed=0
failed=0
tab=$'\t'

perigee() { (exec -a perigee "$binary" "$@"); }

matches() {   # ACTUAL EXPECTED
    case $2 in
    '~'*) [[ $1 == ${2#'~'} ]] ;;
    *) [[ $1 == "$2" ]] ;;
    esac
}

# verdict NAME STATUS STDOUT STDERR: compares with $status and the files out and err
verdict() {
    local out err why=
    out=$(tr -d '\0' <out) err=$(tr -d '\0' <err)
    [ "$status" = "$2" ] || why="status $status, expected $2"
    matches "$out" "$3" || why="${why:+$why; }stdout $(printf %q "$out"), expected $(printf %q "$3")"
    matches "$err" "$4" || why="${why:+$why; }stderr $(printf %q "$err"), expected $(printf %q "$4")"
    if [ -z "$why" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAIL $1: $why"
    fi
}

# check NAME STATUS STDOUT STDERR ARGUMENT...: stdin is $input, the environment ${with[@]}
input=
with=()
check() {
    local name=$1 want=$2 want_out=$3 want_err=$4
    shift 4
    printf %s "$input" | (
        [ ${#with[@]} -eq 0 ] || export "${with[@]}"
        perigee "$@"
    ) >out 2>err
    status=${PIPESTATUS[1]}
    verdict "$name" "$want" "$want_out" "$want_err"
    input=
    with=()
}

traceback() {   # MESSAGE LINE...: a message as the script runner prints it
    printf 'perigee: %s\nstack traceback:' "$1"
    shift
    printf '\n\t%s' "$@" '[C]: in ?'
}

# ---- Files that the cases use ----------------------------------------------------------------

cat >args.lua <<'EOF'
print(#arg, ...)
for i = -9, 9 do if arg[i] then io.write(i, "=", arg[i], ";") end end
print()
EOF
echo 'x = = 1' >syntax.lua
echo 'error("msg")' >error.lua
echo 'error{}' >table.lua
echo 'error(nil)' >nil.lua
echo 'error(setmetatable({}, {__tostring = function() return "speaks" end}))' >object.lua
echo 'error(setmetatable({}, {__tostring = function() return {} end}))' >mute.lua
echo 'local function f() error("deep", 2) end local function g() f() end g()' >deep.lua
printf '#!/usr/bin/env perigee\nprint("shebang")\n' >shebang.lua
printf '\xEF\xBB\xBFprint("bom")' >bom.lua
echo 'print("file -")' >./-
echo 'mod_loaded = (mod_loaded or 0) + 1 return {name = ...}' >mod.lua
cp mod.lua mod-v2.lua
echo 'error("in module")' >badmod.lua
echo 'init = "from file"' >init.lua

# ---- Scripts and their arguments -------------------------------------------------------------

check 'script' 0 "0
-1=perigee;0=args.lua;" '' args.lua
check 'script arguments' 0 "3${tab}a${tab}-b${tab}c d
-1=perigee;0=args.lua;1=a;2=-b;3=c d;" '' args.lua a -b 'c d'
check 'negative indices' 0 "1${tab}x
-4=perigee;-3=-W;-2=-e;-1=;0=args.lua;1=x;" '' -W -e '' args.lua x
check 'double dash before a script' 0 "1${tab}x
-2=perigee;-1=--;0=args.lua;1=x;" '' -- args.lua x
input='print(10) print(...)' && check 'program in stdin' 0 10 ''
input='print(arg[0], arg[1], ...)' && check 'dash' 0 "-${tab}-h${tab}-h" '' - -h
check 'double dash makes dash a name' 0 'file -' '' -- -
check 'dash at the end of options' 0 '' '' -
input='print(arg[0], arg[-1])' && check 'no script: arg[0] is the command' 0 "perigee${tab}nil" ''
check 'many arguments' 0 '~250*' '' args.lua $(seq 250)
check 'first line comment' 0 shebang '' shebang.lua
check 'byte order mark' 0 bom '' bom.lua
check 'script reads stdin' 0 '' '' -e 'assert(io.read("a") == "")'
perigee -e 'io.output("dumped", "wb"):write(string.dump(load("print(...)"))):close()'
check 'binary chunk' 0 "1${tab}2" '' dumped 1 2

# ---- Errors ----------------------------------------------------------------------------------

check 'missing file' 1 '' 'perigee: cannot open nosuch.lua: No such file or directory' nosuch.lua
check 'directory' 1 '' 'perigee: cannot read .: Is a directory' .
check 'syntax error' 1 '' "perigee: syntax.lua:1: unexpected symbol near '='" syntax.lua
check 'error' 1 '' "$(traceback 'error.lua:1: msg' "[C]: in function 'error'" 'error.lua:1: in main chunk')" error.lua
check 'error with level' 1 '' "$(traceback 'deep.lua:1: deep' "[C]: in function 'error'" "deep.lua:1: in upvalue 'f'" "deep.lua:1: in local 'g'" 'deep.lua:1: in main chunk')" deep.lua
check 'error object without text' 1 '' "~perigee: (error object is a table value)*" table.lua
check 'error object nil' 1 '' "~perigee: (error object is a nil value)*" nil.lua
check 'error object with __tostring' 1 '' 'perigee: speaks' object.lua
check '__tostring returning no string' 1 '' "~perigee: (error object is a table value)*" mute.lua
check 'error number' 1 '' "~perigee: 42*" -e 'error(42)'
input='error"boom"' && check 'error in stdin' 1 '' "$(traceback 'stdin:1: boom' "[C]: in function 'error'" 'stdin:1: in main chunk')" -
check 'arg is no table' 1 '' "perigee: 'arg' is not a table" -e 'arg = 1' args.lua
check 'arg changed' 0 $'2\t7\t8' '' -e 'arg = {7, 8}' -e 'print(#arg, table.unpack(arg))'
check 'huge # of arg' 1 '' 'perigee: stack overflow (too many arguments to script)' -e 'setmetatable(arg, {__len = function() return 1 << 30 end})' args.lua

# ---- Options ---------------------------------------------------------------------------------

usage='
usage: perigee \[options\] \[script \[args\]\]
Available options are:
  -e stat   execute string '\''stat'\''
  -i        enter interactive mode after executing '\''script'\''
  -l mod    require library '\''mod'\'' into global '\''mod'\''
  -l g=mod  require library '\''mod'\'' into global '\''g'\''
  -v        show version information
  -E        ignore environment variables
  -W        turn warnings on
  --        stop handling options
  -         stop handling options and execute stdin'
for option in -h --- -Ex -vv -iv -ix -Wx -x; do
    check "unknown option $option" 1 '' "~perigee: unrecognized option '$option'$usage*" "$option"
done
for option in -e -l; do
    check "$option without text" 1 '' "~perigee: '$option' needs argument$usage*" "$option"
    check "$option before an option" 1 '' "~perigee: '$option' needs argument*" "$option" -v
done
check 'options are checked before anything runs' 1 '' "~perigee: unrecognized option '-x'*" -e 'print(1)' -x
check '-e attached' 0 $'1\n3' '' '-eprint(1)' -ea=3 -e 'print(a)'
check '-e without script reads no stdin' 0 1 '' -e 'print(1)'
check '-e before the script' 0 $'e\n0\n-3=perigee;-2=-e;-1=print"e";0=args.lua;' '' -e 'print"e"' args.lua
check '-e syntax error' 1 '' 'perigee: (command line):1: syntax error near <eof>' -e a
check '-e error' 1 '' "$(traceback '(command line):1: no' "[C]: in function 'error'" '(command line):1: in main chunk')" -e 'error"no"'
check '-e stops after an error' 1 1 '~*no*' -e 'print(1)' -e 'error"no"' -e 'print(2)' args.lua
check '-l' 0 "mod${tab}1" '' -l mod -e 'print(mod.name, mod_loaded)'
check '-l attached' 0 "mod" '' -lmod -e 'print(mod.name)'
check '-l with a name' 0 "mod${tab}nil" '' -l g=mod -e 'print(g.name, mod)'
check '-l attached with a name' 0 "mod" '' -lg=mod -e 'print(g.name)'
check '-l with a name keeps its suffix' 0 "mod" '' -l g-x=mod -e 'print(_G["g-x"].name)'
check '-l missing' 1 '' "~perigee: module 'nosuch' not found:*" -l nosuch
check '-l error' 1 '' "~perigee: error loading module 'badsyn'*" -e 'package.preload.badsyn = function() error("error loading module '"'badsyn'"'", 0) end' -l badsyn
check '-l error inside' 1 '' '~perigee: ./badmod.lua:1: in module*' -l badmod
check '-W' 0 '' 'Lua warning: ab' -W -e 'warn("a", "b")'
check 'warnings are off' 0 '' '' -e 'warn("a")'
check 'warnings turned on' 0 '' 'Lua warning: b' -e 'warn("a") warn("@on") warn("b")'
check 'warning from a finalizer' 0 '' '~Lua warning: error in __gc*' -W -e 'setmetatable({}, {__gc = function() error"f" end})'

# ---- Environment -----------------------------------------------------------------------------

with=(LUA_INIT='x = 1') && check 'LUA_INIT' 0 1 '' -e 'print(x)'
with=(LUA_INIT='x = 1' LUA_INIT_5_4='x = 2') && check 'LUA_INIT_5_4 wins' 0 2 '' -e 'print(x)'
with=(LUA_INIT='@init.lua') && check 'LUA_INIT file' 0 'from file' '' -e 'print(init)'
with=(LUA_INIT='print(#arg, arg[0])') && check 'LUA_INIT sees arg' 0 $'1\targs.lua\n1\ta\n-1=perigee;0=args.lua;1=a;' '' args.lua a
with=(LUA_INIT='error"i"') && check 'LUA_INIT error' 1 '' "$(traceback 'LUA_INIT:1: i' "[C]: in function 'error'" 'LUA_INIT:1: in main chunk')" -e 'print(1)'
with=(LUA_INIT_5_4='x x') && check 'LUA_INIT_5_4 syntax error' 1 '' "perigee: LUA_INIT_5_4:1: syntax error near 'x'" -e ''
with=(LUA_INIT='@nosuch.lua') && check 'LUA_INIT missing file' 1 '' 'perigee: cannot open nosuch.lua: No such file or directory'
with=(LUA_INIT='error"i"' LUA_PATH=xxx) && check '-E' 0 "nil" '' -E -e 'print(package.path:find"xxx")'
with=(LUA_PATH='y;;') && check 'LUA_PATH' 0 "1" '' -e 'print((package.path:find("y;", 1, true)))'

# ---- Exit codes ------------------------------------------------------------------------------

check 'exit 7' 7 '' '' -e 'os.exit(7)'
check 'exit true' 0 '' '' -e 'os.exit(true)'
check 'exit false' 1 '' '' -e 'os.exit(false)'
check 'exit closes' 3 'closed' '' -e 'setmetatable({}, {__gc = function() print"closed" end}) os.exit(3, true)'
check 'exit without closing' 3 '' '' -e 'setmetatable({}, {__gc = function() print"closed" end}) os.exit(3)'
check 'exit closes variables' 0 'var' '' -e 'local x <close> = setmetatable({}, {__close = function() print"var" end}) os.exit(0, true)'
check 'finalizers run at the end' 0 $'end\ngc' '' -e 'setmetatable({}, {__gc = function() print"gc" end}) print"end"'
check 'output is flushed' 0 'alo' '' -e 'io.write"alo"'
check 'collector mode' 0 'generational' '' -e 'print(collectgarbage("incremental"))'

# ---- Interrupts ------------------------------------------------------------------------------

interrupt() {   # NAME STATUS STDOUT STDERR PROGRAM
    (exec -a perigee "$binary" -e "$5") >out 2>err &
    local pid=$!
    for _ in $(seq 100); do grep -q ready out && break; sleep 0.05; done
    # a shell without job control starts background commands with SIGINT ignored; the command
    # sets its own handler
    kill -INT $pid
    wait $pid
    status=$?
    verdict "$1" "$2" "$3" "$4"
}
interrupt 'interrupt' 1 ready "~perigee: *interrupted!
stack traceback:*" 'print"ready" while true do end'
interrupt 'interrupt is an error' 0 $'ready\nfalse\tinterrupted!' '' 'print(pcall(function() print"ready" while true do local x = #"" end end))'
interrupt 'interrupt in calls' 0 $'ready\nfalse' '' 'local function f() end print((pcall(function() print"ready" while true do f() end end)))'

# ---- Interactive mode through a pipe ---------------------------------------------------------

# repl NAME STDOUT STDERR INPUT [OPTION...]: stdout without the banner. The lines of the input are
# echoed behind the prompts, as readline does when it reads from a pipe.
repl() {
    local name=$1 want_out=$2 want_err=$3
    printf %s "$4" | perigee "${@:5}" -i >out 2>err
    status=${PIPESTATUS[1]}
    sed -i 1d out
    verdict "$name" 0 "$want_out" "$want_err"
}
repl 'expressions' $'> 1+1\n2\n> 1, "x", nil\n1\tx\tnil\n> ;\n> ' '' $'1+1\n1, "x", nil\n;\n'
repl 'equals sign' $'> =1+2\n3\n> ' '' $'=1+2\n'
repl 'statements' $'> x = 5\n> x\n5\n> ' '' $'x = 5\nx\n'
repl 'several lines' $'> for i = 1, 2 do\n>> print(i)\n>> end\n1\n2\n> ' '' $'for i = 1, 2 do\nprint(i)\nend\n'
repl 'long string' $'> print[[a\n>> b]]\na\nb\n> ' '' $'print[[a\nb]]\n'
repl 'an expression is one line' $'> 1 +\n> 2\n2\n> ' "stdin:1: unexpected symbol near '1'" $'1 +\n2\n'
repl 'return' $'> return 1, 2\n1\t2\n> ' '' $'return 1, 2\n'
repl 'syntax error' $'> x x\n> 1\n1\n> ' "stdin:1: syntax error near 'x'" $'x x\n1\n'
repl 'error' $'> error"e"\n> 1\n1\n> ' "stdin:1: e
stack traceback:
	[C]: in function 'error'
	stdin:1: in main chunk
	[C]: in ?" $'error"e"\n1\n'
repl 'error object' $'> error(setmetatable({}, {__tostring = function() return "obj" end}))\n> ' 'obj' $'error(setmetatable({}, {__tostring = function() return "obj" end}))\n'
repl 'prompts' $'A print(1)\n1\nA print(\nB >> 2)\n2\nA ' '' $'print(1)\nprint(\n2)\n' -e '_PROMPT = "A "; _PROMPT2 = "B >> "'
repl 'prompt object' $'1 --\n2 x = 1\n3 ' '' $'--\nx = 1\n' -e 'local C = 0; _PROMPT = setmetatable({}, {__tostring = function() C = C + 1; return C .. " " end})'
repl 'error in print' $'> 1\n> ' "error calling 'print' (attempt to call a nil value)" $'1\n' -e 'print = nil'
repl 'last line without newline' $'> 7\n7\n> ' '' '7'
repl 'locals do not survive' $'> local x = 1\n> x\nnil\n> ' '' $'local x = 1\nx\n'
input=$'x\n' && check 'script, then interactive mode' 0 $'~*\n> x\n4\n> ' '' -i -e 'x = 4'
input= && check 'no interactive mode after an error' 1 '~*' '~*interactive*' -i -e 'error"interactive"'

# ---- What is Perigee's own -------------------------------------------------------------------

banner='~Perigee 0.1 (Lua 5.4)*'
own_cases() {
    # two things that Lua 5.4.4 does otherwise
    check '-l cuts the suffix' 0 "mod-v2" '' -l mod-v2 -e 'print(mod.name)'
    repl 'end inside a statement' $'> a.\n>> > ' "stdin:1: <name> expected near <eof>" $'a.\n'
    check '-v' 0 "$banner" '' -v
    check '-v prints one line' 0 "$banner"$'\nhello' '' -v -e 'print"hello"'
    check '-i prints the version' 0 "$banner"$'\n> ' '' -i
    check '-v with a script' 0 "$banner"$'\nshebang' '' -v shebang.lua
    check '--version' 0 "$banner" '' --version
    check '--version leaves' 0 "$banner" '' --version nosuch.lua
    check '--help' 0 "~usage: perigee \\[options\\]*--version*" '' --help
    check 'unknown long option' 1 '' "~perigee: unrecognized option '--no-such=1'$usage*" --no-such=1
    check 'runtime option' 0 "1" '' --tier=interp -e 'print(1)'
    check 'runtime option before the script' 0 $'0\n-2=perigee;-1=--tier=interp;0=args.lua;' '' --tier=interp args.lua
    check 'runtime option behind the script' 0 $'1\t--tier=no\n-1=perigee;0=args.lua;1=--tier=no;' '' args.lua --tier=no
    check 'runtime option behind double dash' 1 '' 'perigee: cannot open --tier=no: No such file or directory' -- --tier=no
    check 'runtime option with a bad value' 1 '' "~perigee: '--tier=nonsense': *" --tier=nonsense -e 'print(1)'
    with=(PERIGEE_OPTIONS='tier=interp  --tier=interp') && check 'PERIGEE_OPTIONS' 0 1 '' -e 'print(1)'
    with=(PERIGEE_OPTIONS='no-such') && check 'PERIGEE_OPTIONS, unknown' 1 '' "perigee: PERIGEE_OPTIONS: unknown option 'no-such'" -v
    with=(PERIGEE_OPTIONS='tier=nonsense') && check 'PERIGEE_OPTIONS, bad value' 1 '' "~perigee: PERIGEE_OPTIONS: bad value for option 'tier' (expected tier=*)" -v
    with=(PERIGEE_OPTIONS='no-such') && check '-E ignores PERIGEE_OPTIONS' 0 1 '' -E -e 'print(1)'
    check 'limit of instructions' 3 '' "~perigee: (command line):1: instruction limit of 2000 reached*" --max-instructions=2K -e 'while true do pcall(function() while true do end end) end'
    check 'limit of time' 3 '' "~perigee: (command line):1: time limit of 0.05 s reached*" --max-time=50ms -e 'while true do end'
    check 'limit of memory' 3 '' "~perigee: *memory limit of 16777216 bytes reached*" --max-memory=16M -e 'local s = "x" while true do s = s .. s end'
    check 'limit of depth' 3 '' "~perigee: (command line):1: call depth limit of 100 reached*" --max-depth=100 -e 'local function f() return 1 + f() end f()'
    check 'limit of depth, in a coroutine' 3 '' "~perigee: *call depth limit of 100 reached*" --max-depth=100 -e 'coroutine.wrap(function() local function f() return 1 + f() end f() end)()'
    check 'limit of depth that was caught' 1 '' "~perigee: (command line):1: other*" --max-depth=100 -e 'local function f() return 1 + f() end pcall(f) error("other")'
    check 'limits not reached' 0 1 '' --max-instructions=1M --max-time=1m --max-memory=1G --max-code=1.5K --max-depth=1K -e 'print(1)'
    check 'limit with a bad unit' 1 '' "perigee: '--max-time=1h': bad value for option 'max-time' (expected max-time=N[ms|s|m])" --max-time=1h -e 'print(1)'
    check 'limit without a number' 1 '' "~perigee: '--max-memory=K': bad value*" --max-memory=K -e 'print(1)'
    interrupt 'interrupt in a coroutine' 1 ready "~perigee: *interrupted!*" 'coroutine.wrap(function() print"ready" while true do end end)()'
    interrupt 'interrupt in a long match' 1 ready "~perigee: *interrupted!*" 'print"ready" string.find(("a"):rep(60), ("a*"):rep(30) .. "b")'
    perigee --list -e 'io.open("ran", "w"):close()' >/dev/null 2>list.err
    status=$([ -e ran ] && echo 1 || echo 0)
    : >out; : >err
    verdict '--list does not run' 0 '' ''
    grep -q 'no bytecode lister' list.err ||
        check '--list syntax error' 1 '' "perigee: syntax.lua:1: unexpected symbol near '='" --list syntax.lua
    # what compiled code names of the state is named alike in each process, which has everything at other addresses
    printf '%s\n' 'Point = {} Point.__index = Point' 'function Point:get() return self.x .. "y" end' \
        'function make(x) return setmetatable({x = x}, Point) end' 'for i = 1, 200 do make(i):get() math.floor(i / 2) end' >literals.lua
    for n in 1 2; do perigee --dump=literals --jit-sync --thresholds=2,20 literals.lua >literals.$n 2>&1; done
    cmp literals.1 literals.2 >out 2>err
    status=$?
    verdict 'literals of two processes' 0 '' ''
    if command -v python3 >/dev/null; then
        python3 "$here/terminal.py" "$binary" >out 2>err
        status=$?
        verdict 'terminal' 0 '' ''
        python3 "$here/tier_stats.py" "$binary" >out 2>err
        status=$?
        verdict 'tier report' 0 '' ''
    fi
}
[ $reference = yes ] || own_cases

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
