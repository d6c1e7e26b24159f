-- needs: term system bit DBI pl.pretty luaevent (lua-term lua-system lua-bitop lua-dbi-sqlite3 lua-penlight lua-event)
-- (a message may name a function by either of two modules that hold it, so some of them are not shown)
print(require "bit".tohex(0xdeadbeef), require "bit".band(0xff, 0x0f), pcall(require "bit".bnot, "x"))
print(require "term".isatty(io.stdout), require "term".colors.red ~= nil, (pcall(require "term".isatty, 1)))
print(require "system".gettime() > 0, (pcall(require "system".sleep, "x")))
local pretty, List, stringx = require "pl.pretty", require "pl.List", require "pl.stringx"
print(pretty.write({ 1, 2, { a = "b" }, "x" }, ""), List { 3, 1, 2 }:sort(), stringx.split("a b c"):map(string.upper):join "-")
print(require "pl.template".substitute("$(x) # y\n# for i=1,2 do\n$(i)\n# end\n", { x = 1 }))
local db = require "DBI".Connect("SQLite3", ":memory:")
db:autocommit(true)
print(require "DBI".Do(db, "CREATE TABLE t (a INTEGER, b TEXT)"))
local insert = db:prepare "INSERT INTO t VALUES (?, ?)"
for i = 1, 3 do print(insert:execute(i, "row " .. i)) end
local select_ = db:prepare "SELECT * FROM t WHERE a > ?"
select_:execute(1)
for row in select_:rows(true) do print(row.a, row.b) end
print(pcall(db.prepare, db, "SELECT * FROM"))
print(db:close())
local base = require "luaevent.core".new()
local fired = 0
local timer = base:addevent(nil, require "luaevent.core".EV_TIMEOUT, function()
  fired = fired + 1
  return fired == 3 and -1 or require "luaevent.core".EV_TIMEOUT
end, 0.01)
base:loop()
print("fired", fired, timer ~= nil)
