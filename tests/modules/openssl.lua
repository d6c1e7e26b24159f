-- needs: openssl (lua-luaossl)
local digest, rand, bignum, cipher = require "openssl.digest", require "openssl.rand", require "openssl.bignum", require "openssl.cipher"
local function hex(s) return (s:gsub(".", function(c) return ("%02x"):format(c:byte()) end)) end
print(hex(digest.new "sha256":update("peri", "gee"):final()))
print(#rand.bytes(16), bignum.new(2) ^ 100, bignum.new "12345678901234567890" * 3)
print(bignum.new(10) < bignum.new(20), bignum.new(7) % 4, -bignum.new(5), bignum.new(5) == bignum.new(5))
local key, iv = ("k"):rep(16), ("i"):rep(16)
local secret = cipher.new "aes-128-cbc":encrypt(key, iv):final "attack at dawn"
print(hex(secret), cipher.new "aes-128-cbc":decrypt(key, iv):final(secret))
print(pcall(digest.new, "nonsense") == false, select(2, pcall(cipher.new, "nonsense")):match "nonsense: .*")
