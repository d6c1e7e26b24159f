-- Numeric kernels: spectral norm, Mandelbrot, Fannkuch, primes, Pascal, pi digits, FFT.
local function A(i, j)
  local ij = i + j - 1
  return 1.0 / (ij * (ij - 1) * 0.5 + i)
end
local function Av(x, n)
  local y = {}
  for i = 1, n do
    local a = 0
    for j = 1, n do a = a + x[j] * A(i, j) end
    y[i] = a
  end
  return y
end
local function Atv(x, n)
  local y = {}
  for i = 1, n do
    local a = 0
    for j = 1, n do a = a + x[j] * A(j, i) end
    y[i] = a
  end
  return y
end
local N = 24
local u, v = {}, nil
for i = 1, N do u[i] = 1 end
for _ = 1, 6 do v = Atv(Av(u, N), N) u = Atv(Av(v, N), N) end
local vBv, vv = 0, 0
for i = 1, N do vBv = vBv + u[i] * v[i] vv = vv + v[i] * v[i] end
print(("%.9f"):format(math.sqrt(vBv / vv)))
local function fannkuch(n)
  local p, q, s, sign, maxflips, sum = {}, {}, {}, 1, 0, 0
  for i = 1, n do
    p[i] = i
    q[i] = i
    s[i] = i
  end
  while true do
    local q0 = p[1]
    if q0 ~= 1 then
      for i = 2, n do q[i] = p[i] end
      local flips = 1
      while true do
        local qq = q[q0]
        if qq == 1 then
          sum = sum + sign * flips
          if flips > maxflips then maxflips = flips end
          break
        end
        q[q0] = q0
        if q0 >= 4 then
          local i, j = 2, q0 - 1
          repeat
            q[i], q[j] = q[j], q[i]
            i = i + 1
            j = j - 1
          until i >= j
        end
        q0 = qq
        flips = flips + 1
      end
    end
    if sign == 1 then
      p[1], p[2] = p[2], p[1]
      sign = -1
    else
      p[2], p[3] = p[3], p[2]
      sign = 1
      for i = 3, n do
        local sx = s[i]
        if sx ~= 1 then s[i] = sx - 1 break end
        if i == n then return sum, maxflips end
        s[i] = i
        local t = p[1]
        for j = 1, i do p[j] = p[j + 1] end
        p[i + 1] = t
      end
    end
  end
end
print(fannkuch(7))
local rows = {}
for y = 0, 11 do
  local row = {}
  for x = 0, 39 do
    local cr, ci, zr, zi, k = x / 20 - 1.5, y / 6 - 1, 0, 0, 0
    while k < 50 and zr * zr + zi * zi <= 4 do
      zr, zi = zr * zr - zi * zi + cr, 2 * zr * zi + ci
      k = k + 1
    end
    row[#row + 1] = k == 50 and "#" or k > 6 and "+" or "."
  end
  rows[#rows + 1] = table.concat(row)
end
print(table.concat(rows, "\n"))
local row = {1}
for n = 1, 40 do
  local nxt = {1}
  for i = 2, n do nxt[i] = row[i - 1] + row[i] end
  nxt[n + 1] = 1
  row = nxt
end
print(row[21])
local function spigot(n)
  local len = n * 10 // 3
  local a, out, nines, pre = {}, {}, 0, 0
  for i = 1, len do a[i] = 2 end
  for j = 1, n do
    local q = 0
    for i = len, 1, -1 do
      local x = 10 * a[i] + q * i
      a[i] = x % (2 * i - 1)
      q = x // (2 * i - 1)
    end
    a[1] = q % 10
    q = q // 10
    if q == 9 then
      nines = nines + 1
    elseif q == 10 then
      out[#out + 1] = pre + 1
      for _ = 1, nines do out[#out + 1] = 0 end
      pre, nines = 0, 0
    else
      out[#out + 1] = pre
      pre = q
      for _ = 1, nines do out[#out + 1] = 9 end
      nines = 0
    end
  end
  return table.concat(out, "", 2)
end
print(spigot(60))
local function powmod(b, e, m)
  local r = 1
  while e > 0 do
    if e & 1 == 1 then r = r * b % m end
    b = b * b % m
    e = e >> 1
  end
  return r
end
print(powmod(3, 1000003, 998244353))
local s = 0
for n = 1, 300 do
  local x, c = n, 0
  while x ~= 1 do x = x & 1 == 0 and x >> 1 or 3 * x + 1 c = c + 1 end
  s = s + c
end
print(s)
local function isqrt(n)
  local x = n
  while x * x > n do x = (x + n // x) // 2 end
  return x
end
s = 0
for i = 1, 3000 do s = s + isqrt(i * 1000) end
print(s)
