#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Programs linked to Debian's liblua5.4.so.0 run with ours: dropin.sh DIRECTORY_OF_THE_LIBRARY
#
# Each case runs twice, with the installed library and with ours through LD_LIBRARY_PATH; what it prints must agree.
# A program that is not installed, or is not linked to the library, is skipped with a message.
# Prints "N passed, N failed" at the end.
export PATH=$PATH:/usr/sbin
[ $# = 1 ] || { sed -n 4,8p "$0"; exit 2; }
library=$(realpath "$1")
[ -f "$library/liblua5.4.so.0" ] || { echo "dropin.sh: no liblua5.4.so.0 in $1" >&2; exit 2; }
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
passed=0 failed=0

linked() { ldd "$1" 2>/dev/null | grep -q 'liblua5\.4\.so\.0'; }

# compare NAME FILE FUNCTION: FILE is the program or module that links the library, FUNCTION the case
compare() {
    if ! linked "$2"; then echo "skipped: $1 (no $2 that is linked to liblua5.4.so.0)"; return; fi
    if ! LD_LIBRARY_PATH=$library ldd "$2" | grep -q "=> $library/liblua5.4.so.0"; then
        failed=$((failed + 1)); echo "FAIL $1: LD_LIBRARY_PATH does not lead to our library"; return
    fi
    "$3" >expected 2>&1; echo "status $?" >>expected
    LD_LIBRARY_PATH=$library "$3" >actual 2>&1; echo "status $?" >>actual
    if diff expected actual >difference; then passed=$((passed + 1)); else
        failed=$((failed + 1)); echo "FAIL $1"; head -12 difference | sed 's/^/    /'
    fi
    [ -z "${SHOW-}" ] || { echo "--- $1"; tail -20 expected; }
}

# ---- gnuplot: its tikz terminal is a Lua program that the library runs --------------------------

gnuplot_tikz() {
    rm -f plot.tex
    timeout 120 gnuplot-nox -e "set terminal lua tikz; set output 'plot.tex'; set title 'A'; set grid; set samples 200;
        plot sin(x) with lines, cos(x)*x with points, '+' using 1:(\$1**2) with impulses;
        set output; splot x**2-y**2 with pm3d" | grep -v '^%% [A-Z].* [0-9:]* 20[0-9]*$' && grep -v '^%% [A-Z].* [0-9:]* 20[0-9]*$' plot.tex # the date
}
gnuplot_terminals() { timeout 60 gnuplot-nox -e "set terminal lua help; set terminal lua nonsense"; }

# ---- lighttpd: mod_magnet runs a script for each request ------------------------------------------

cat >magnet.lua <<'EOF'
local count = 0
local words = {}
for word in (lighty.env["uri.query"] or ""):gmatch "[^&]+" do words[#words + 1] = word:upper() end
table.sort(words)
if lighty.env["uri.path"] == "/error" then error "in the script" end
if lighty.env["uri.path"] == "/yield" then
  local co = coroutine.wrap(function() for i = 1, 5 do coroutine.yield(i) end end)
  for i = 1, 5 do count = count + co() end
end
lighty.header["X-Perigee"] = _VERSION .. " " .. count
lighty.content = { "path " .. lighty.env["uri.path"], "\n", table.concat(words, " "), "\n", lighty.request["Host"], "\n" }
lighty.header["Content-Type"] = "text/plain"
return 200
EOF
cat >cached.lua <<'EOF'
local r = lighty.r
if r.req_attr["uri.path"] == "/parse" then
  local body = {}
  for k, v in pairs(lighty.c.urldec_query "b=2&a=1%20x") do body[#body + 1] = k .. "=" .. v end
  table.sort(body)
  r.resp_body.set(table.concat(body, ";") .. "\n" .. lighty.c.hexenc "xyz" .. lighty.c.md("sha256", "perigee") .. "\n")
  return 200
end
if lighty.stat "/nowhere" then return 500 end
EOF
lighttpd_magnet() {
    local port=$((20000 + RANDOM % 20000)) pid path
    cat >lighttpd.conf <<EOF
server.modules = ("mod_magnet")
server.document-root = "$work"
server.bind = "127.0.0.1"
server.port = $port
server.errorlog = "$work/error.log"
magnet.attract-raw-url-to = ("$work/cached.lua", "$work/magnet.lua")
EOF
    rm -f error.log
    lighttpd -D -f lighttpd.conf & pid=$!
    for _ in $(seq 100); do (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break; sleep 0.05; done
    for path in "/a?x=1&b&a" /yield /error /parse "/again?z" "/again?y"; do
        exec 3<>"/dev/tcp/127.0.0.1/$port" || continue
        printf 'GET %s HTTP/1.0\r\nHost: perigee\r\n\r\n' "$path" >&3
        grep -av -e '^Date' -e '^Server' <&3 | sort # the headers are in a table, in any order
        exec 3>&-
    done
    for _ in $(seq 300); do # every request on a connection of its own
        exec 3<>"/dev/tcp/127.0.0.1/$port"; printf 'GET /yield?n HTTP/1.0\r\nHost: many\r\n\r\n' >&3; cat <&3 >last; exec 3>&-
    done
    tail -1 last
    kill $pid; wait $pid 2>/dev/null
    grep -ao 'lua: .*in the script' error.log
}

# ---- gringo and clingo: #script (lua) embeds functions into the grounder ----------------------------

cat >script.lp <<'EOF'
#script (lua)
function fib(n)
  local a, b = 0, 1
  for i = 1, n.number do a, b = b, a + b end
  return clingo.Number(a)
end
function range(a, b)
  local t = {}
  for i = a.number, b.number do t[#t + 1] = clingo.Number(i * i) end
  return t
end
function joined(s) return clingo.String(s.string:rep(2, "-")) end
#end.
f(N, @fib(N)) :- N = 0..20.
square(@range(1, 7)).
text(@joined("ab")).
EOF
cat >broken.lp <<'EOF'
#script (lua)
function bad(n) return n.nothing.more end
#end.
p(@bad(1)).
EOF
gringo_script() { gringo --text script.lp; gringo --text broken.lp; }
cat >main.lp <<'EOF'
#script (lua)
function main(prg)
  prg:ground({ { "base", {} } })
  local n = 0
  prg:solve { on_model = function(m) n = n + 1; local t = {}
    for _, s in ipairs(m:symbols { shown = true }) do t[#t + 1] = tostring(s) end
    table.sort(t); print(#t, table.concat(t, " ")) end }
  print("models", n)
end
#end.
{ a; b; c }. :- a, b. d :- not c.
EOF
clingo_main() { clingo 0 main.lp --outf=3; }

# ---- dnsmasq: a lease script in Lua ------------------------------------------------------------------

cat >lease.lua <<'EOF'
function init() io.stderr:write("script starts ", _VERSION, "\n") end
function shutdown() io.stderr:write "script ends\n" end
function lease(action, args)
  local keys = {}
  for k in pairs(args) do keys[#keys + 1] = k end
  table.sort(keys)
  io.stderr:write(action, " ", args.ip_address or "", " ", args.hostname or "", " ", table.concat(keys, ","), "\n")
end
EOF
dnsmasq_lease() {
    local pid
    echo "4102444800 02:00:00:00:00:01 127.0.0.50 host1 *" >leases
    dnsmasq --no-daemon --port=0 --dhcp-range=127.0.0.40,127.0.0.60,255.0.0.0 --interface=lo --user=root --group=root \
        --dhcp-luascript="$work/lease.lua" --dhcp-leasefile="$work/leases" --conf-file=/dev/null --pid-file="$work/pid" >dnsmasq.log 2>&1 &
    pid=$!
    for _ in $(seq 100); do grep -q '^old' dnsmasq.log && break; sleep 0.1; done
    kill $pid
    wait $pid
    for _ in $(seq 100); do grep -q '^script ends' dnsmasq.log && break; sleep 0.1; done # its helper process
    grep -a -e '^script' -e '^old' dnsmasq.log | sort -u
}

# ---- neomutt: Lua commands in its configuration -------------------------------------------------------

cat >neomuttrc <<'EOF'
lua mutt.set("from", ("x"):rep(3) .. "@example.org")
lua-source settings.lua
EOF
cat >settings.lua <<'EOF'
mutt.set("realname", table.concat({ "Peri", "gee" }))
mutt.set("pager_context", math.floor(7.5))
io.write("in Lua: ", mutt.get("realname"), " ", tostring(mutt.get("pager_context")), " ", tostring(pcall(mutt.set, "no_such_option", 1)), "\n")
EOF
neomutt_settings() { HOME=$work neomutt -n -F neomuttrc -Q from -Q realname -Q pager_context </dev/null; }

compare "gnuplot, terminal lua tikz" /usr/bin/gnuplot-nox gnuplot_tikz
compare "gnuplot, options of the terminal" /usr/bin/gnuplot-nox gnuplot_terminals
compare "lighttpd, mod_magnet" /usr/lib/lighttpd/mod_magnet.so lighttpd_magnet
compare "gringo, embedded functions" /usr/bin/gringo gringo_script
compare "clingo, a main function" /usr/bin/clingo clingo_main
compare "dnsmasq, lease script" /usr/sbin/dnsmasq dnsmasq_lease
compare "neomutt, settings" /usr/bin/neomutt neomutt_settings
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
