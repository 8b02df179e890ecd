import type { Functions } from './functions.js'

/** Floats as whole numbers times powers of two: exact whatever their exponents. */
export const remainderFunctions: Functions<'parts' | 'rem_float32'> = {
  // (significand of 24 bits, exponent) of the bits of a finite number that is not 0 and has no sign: m * 2^(e - 150).
  parts: `fn parts(bits: u32) -> vec2<i32> {
  let exponent = bitcast<i32>(bits >> 23u);
  let fraction = bits & 0x7fffffu;
  let up = countLeadingZeros(fraction) - 8u;
  return select(
    vec2<i32>(bitcast<i32>(fraction | 0x800000u), exponent),
    vec2<i32>(bitcast<i32>(fraction << (up & 31u)), 1 - bitcast<i32>(up)),
    exponent == 0,
  );
}`,
  // Long division, eight bits at a time.
  rem_float32: `fn rem_float32(x: f32, y: f32) -> f32 {
  let a = magnitude(x);
  let b = magnitude(y);
  if (a >= 0x7f800000u || b > 0x7f800000u || b == 0u) { return float_of(0x7fc00000u); }
  if (a < b) { return x; }
  let dividend = parts(a);
  let divisor = parts(b);
  let m = bitcast<u32>(divisor.x);
  var left = bitcast<u32>(dividend.x) % m;
  for (var n = dividend.y - divisor.y; n > 0; n -= 8) { left = (left << u32(min(n, 8))) % m; }
  let up = countLeadingZeros(left) - 8u;
  let exponent = divisor.y - bitcast<i32>(up);
  let normal = ((left << (up & 31u)) & 0x7fffffu) | (bitcast<u32>(exponent) << 23u);
  let denormal = select(left << (u32(divisor.y - 1) & 31u), left >> (u32(1 - divisor.y) & 31u), divisor.y < 1);
  let size = select(select(denormal, normal, exponent > 0), 0u, left == 0u);
  return bitcast<f32>(size | (bitcast<u32>(x) & 0x80000000u));
}`,
}
