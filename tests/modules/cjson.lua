-- needs: cjson (lua-cjson)
local cjson = require "cjson"
print(cjson._NAME, cjson.null, type(cjson.null))
for _, text in ipairs {
  "[]", "[1,2.5,-3e10,null,true,false,\"\\u00e9\\n\"]", '{"a":{"b":[1,{"c":null}]}}', '"text"', "12", "[1,[2,[3,[4]]]]",
} do
  local ok, value = pcall(cjson.decode, text)
  print(text, ok, type(value) == "table" and cjson.encode(value) or value)
end
for _, bad in ipairs { "", "[", "[1,]", "{a:1}", '"\\x"', "nul", "[1] 2", '{"a" 1}' } do
  print(bad, pcall(cjson.decode, bad))
end
print(cjson.encode { 1, 2, 3, n = nil }, cjson.encode "q\"\\\n\1", cjson.encode(2 ^ 53), cjson.encode(1 / 3), cjson.encode(7))
print(pcall(cjson.encode, print))
print(pcall(cjson.encode, { [{}] = 1 }))
print(pcall(cjson.encode, 0 / 0))
print(pcall(cjson.encode, { [1] = 1, [1000] = 2 }))
local cyclic = {}
cyclic[1] = cyclic
local ok, message = pcall(cjson.encode, cyclic)
print(ok, message)
print(pcall(cjson.decode, ("["):rep(2000)))

-- independent instances, settings, the safe module
local other = cjson.new()
other.encode_sparse_array(true)
other.encode_number_precision(3)
print(other.encode { [1] = 1, [1000] = math.pi } :sub(1, 12), other.encode(math.pi), cjson.encode(math.pi))
local safe = require "cjson.safe"
print(safe.decode "[", safe.encode(print))
local t = {}
for i = 1, 3000 do t[i] = { id = i, name = "n" .. i, tags = { "a", "b" } } end
local text = cjson.encode(t)
local back = cjson.decode(text)
print(#back, back[3000].id, back[3000].name, #back[17].tags, #text > 100000, math.type(back[1].id))
