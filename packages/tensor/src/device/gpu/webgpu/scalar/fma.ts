import type { Functions } from './functions.js'

/** x * y + z, rounded once: drivers need not have it, so whole numbers of 64 bits compute it. */
export const fmaFunctions: Functions<'fma_float32' | 'shift_right_pair'> = {
  // To the right, where bits that fall out leave the last one set.
  shift_right_pair: `fn shift_right_pair(v: vec2<u32>, by: u32) -> vec2<u32> {
  if (by == 0u) { return v; }
  if (by >= 64u) { return vec2<u32>(0u, select(0u, 1u, (v.x | v.y) != 0u)); }
  let n = by & 31u;
  let across = select(v.x << ((32u - n) & 31u), 0u, n == 0u);
  let inside = vec2<u32>(v.x >> n, (v.y >> n) | across);
  let lost = v.y & ((1u << n) - 1u);
  let far = vec2<u32>(0u, v.x >> n);
  let lostFar = v.y | (v.x & ((1u << n) - 1u));
  let result = select(inside, far, by >= 32u);
  return vec2<u32>(result.x, result.y | select(0u, 1u, select(lost, lostFar, by >= 32u) != 0u));
}`,
  fma_float32: `fn fma_float32(x: f32, y: f32, z: f32) -> f32 {
  let a = magnitude(x);
  let b = magnitude(y);
  let c = magnitude(z);
  let largest = max(a, b);
  if (largest >= 0x7f800000u) { return held(x * y) + z; }
  if (c >= 0x7f800000u) { return z; }
  if (min(a, b) == 0u || c == 0u) { return held(x * y) + z; }
  let p = parts(a);
  let q = parts(b);
  let r = parts(c);
  // Both have their highest bit at 2^60 or 2^61 of 64 bits.
  let wide = product_pair(bitcast<u32>(p.x), bitcast<u32>(q.x));
  var product = vec2<u32>((wide.x << 14u) | (wide.y >> 18u), wide.y << 14u);
  var addend = vec2<u32>(bitcast<u32>(r.x) << 6u, 0u);
  let ofProduct = p.y + q.y - 314;
  let ofAddend = r.y - 188;
  let exponent = max(ofProduct, ofAddend);
  product = shift_right_pair(product, u32(exponent - ofProduct));
  addend = shift_right_pair(addend, u32(exponent - ofAddend));
  let sign = (bitcast<u32>(x) ^ bitcast<u32>(y)) & 0x80000000u;
  let same = sign == (bitcast<u32>(z) & 0x80000000u);
  let above = product.x > addend.x || (product.x == addend.x && product.y >= addend.y);
  let more = select(addend, product, above);
  let less = select(product, addend, above);
  var sum: vec2<u32>;
  if (same) {
    let low = more.y + less.y;
    sum = vec2<u32>(more.x + less.x + select(0u, 1u, low < more.y), low);
  } else {
    sum = vec2<u32>(more.x - less.x - select(0u, 1u, more.y < less.y), more.y - less.y);
  }
  if ((sum.x | sum.y) == 0u) { return 0f; }
  // The highest bit goes to 2^63.
  let zeros = select(countLeadingZeros(sum.x), 32u + countLeadingZeros(sum.y), sum.x == 0u);
  let n = zeros & 31u;
  let carried = select(sum.y >> ((32u - n) & 31u), 0u, n == 0u);
  sum = select(vec2<u32>((sum.x << n) | carried, sum.y << n), vec2<u32>(sum.y << n, 0u), zeros >= 32u);
  let biased = exponent - bitcast<i32>(zeros) + 190;
  if (biased < 1) { sum = shift_right_pair(sum, u32(1 - biased)); }
  let rest = (sum.x & 0xffu) | select(0u, 1u, sum.y != 0u);
  let whole = sum.x >> 8u;
  let rounded = whole + select(0u, 1u, rest > 0x80u || (rest == 0x80u && (whole & 1u) != 0u));
  // The significand's highest bit is one of the exponent.
  let size = select(min(((u32(max(biased, 1)) - 1u) << 23u) + rounded, 0x7f800000u), 0x7f800000u, biased > 254);
  return bitcast<f32>(size | select(bitcast<u32>(z) & 0x80000000u, sign, above));
}`,
}
