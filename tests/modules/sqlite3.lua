-- needs: luasql.sqlite3 (lua-sql-sqlite3)
local driver = require "luasql.sqlite3"
local env = driver.sqlite3()
local con = env:connect ":memory:"
print(con:execute "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, score REAL)")
for i = 1, 50 do con:execute(("INSERT INTO t (name, score) VALUES ('n%d', %g)"):format(i, i / 4)) end
local cursor = con:execute "SELECT id, name, score FROM t WHERE id > 47"
print(table.concat(cursor:getcolnames(), " "), table.concat(cursor:getcoltypes(), " "))
local row = cursor:fetch({}, "a")
while row do print(row.id, row.name, row.score, math.type(row.id)); row = cursor:fetch(row, "a") end
print(pcall(cursor.fetch, cursor))
print(select("#", con:execute "SELECT * FROM missing"), select(2, con:execute "SELECT * FROM missing"))
con:setautocommit(false)
print(con:execute "DELETE FROM t", con:rollback())
local count = con:execute "SELECT count(*) FROM t"
print(count:fetch())
print(con:escape "it's")
print(tostring(con):match "^[^(]+", tostring(env):match "^[^(]+")
for i = 1, 20 do con:execute "SELECT 1" end -- cursors left to the collector
collectgarbage(); collectgarbage()
count:close()
print(con:close(), con:close())
print(pcall(con.execute, con, "SELECT 1"))
print(env:close(), pcall(env.connect, env, ":memory:"))
