-- Sorting algorithms on the same data agree with table.sort.
local function data(n, seed)
  local t, x = {}, seed
  for i = 1, n do x = x * 16807 % 2147483647 t[i] = x % 1000 end
  return t
end
local function insertion(t)
  for i = 2, #t do
    local v, j = t[i], i - 1
    while j >= 1 and t[j] > v do t[j + 1] = t[j] j = j - 1 end
    t[j + 1] = v
  end
end
local function quick(t, lo, hi)
  lo, hi = lo or 1, hi or #t
  if lo >= hi then return end
  local p, i, j = t[(lo + hi) // 2], lo, hi
  repeat
    while t[i] < p do i = i + 1 end
    while t[j] > p do j = j - 1 end
    if i <= j then
      t[i], t[j] = t[j], t[i]
      i = i + 1
      j = j - 1
    end
  until i > j
  quick(t, lo, j)
  quick(t, i, hi)
end
local function merge(t)
  if #t < 2 then return t end
  local m, a, b = #t // 2, {}, {}
  for i = 1, m do a[i] = t[i] end
  for i = m + 1, #t do b[#b + 1] = t[i] end
  a, b = merge(a), merge(b)
  local r, i, j = {}, 1, 1
  while a[i] or b[j] do
    if not b[j] or a[i] and a[i] <= b[j] then
      r[#r + 1] = a[i]
      i = i + 1
    else
      r[#r + 1] = b[j]
      j = j + 1
    end
  end
  return r
end
local function heap(t)
  local n = #t
  local function sift(i, size)
    while 2 * i <= size do
      local c = 2 * i
      if c < size and t[c + 1] > t[c] then c = c + 1 end
      if t[i] >= t[c] then return end
      t[i], t[c] = t[c], t[i]
      i = c
    end
  end
  for i = n // 2, 1, -1 do sift(i, n) end
  for size = n, 2, -1 do
    t[1], t[size] = t[size], t[1]
    sift(1, size - 1)
  end
end
local function counting(t)
  local c, k = {}, 0
  for i = 0, 999 do c[i] = 0 end
  for _, v in ipairs(t) do c[v] = c[v] + 1 end
  for v = 0, 999 do
    for _ = 1, c[v] do k = k + 1 t[k] = v end
  end
end
for _, n in ipairs{0, 1, 2, 10, 300} do
  local ref = data(n, 42)
  table.sort(ref)
  local want = table.concat(ref, " ")
  for name, f in pairs{insertion = insertion, quick = quick, heap = heap, counting = counting} do
    local t = data(n, 42)
    f(t)
    if table.concat(t, " ") ~= want then print(name, "wrong for", n) end
  end
  if table.concat(merge(data(n, 42)), " ") ~= want then print("merge wrong for", n) end
  print(n, #want, ref[1], ref[n])
end
