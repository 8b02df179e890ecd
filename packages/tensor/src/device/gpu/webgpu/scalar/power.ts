import { type Functions, literal, polynomial } from './functions.js'

// atanh(s) / s = 1 + s^2 / 3 + s^4 R(s^2), for s of at most 0.172, with a relative error of 2^-44.
const series = [0.19999999, 0.14285937, 0.110925026, 0.097339965]
// 2^r = 1 + r Q(r), for r of at most a half.
const exponential2 = [0.6931472, 0.24022648, 0.055503596, 0.009618499, 0.0013390969, 0.00015329264]
const third = [0.3333333432674408, -9.934107758624577e-9] as const
const twoOverLn2 = [2.885390043258667, 3.851926067000022e-8] as const

export const powerFunctions: Functions<'log2_pair' | 'pow_float32' | 'cbrt_float32'> = {
  // The logarithm to base 2 with a relative error of 2^-33, for the bits of a finite number above 0.
  log2_pair: `fn log2_pair(size: u32) -> vec2<f32> {
  let x = binary_of(size);
  let f = x.fraction;
  // s = f / (2 + f), whose area tangent is half of the logarithm.
  let d = fast_two_sum(2f, f);
  let s = held(f / d.x);
  let back = two_product(s, d.x);
  let s2 = (held(held(f - back.x) - back.y) - s * d.y) / d.x;
  let q = two_product(s, s);
  let qLow = fma(2f * s, s2, q.y);
  let z = q.x;
  let t = two_product(z, ${literal(third[0])});
  let tLow = t.y + fma(z, ${literal(third[1])}, qLow * ${literal(third[0])}) + z * z * ${polynomial('z', series)};
  let c = fast_two_sum(t.x, tLow);
  let u = two_product(s, c.x);
  let uLow = u.y + fma(s, c.y, s2 * c.x);
  let v = fast_two_sum(s, u.x);
  let vLow = v.y + (s2 + uLow);
  let w = two_product(v.x, ${literal(twoOverLn2[0])});
  let wLow = w.y + fma(v.x, ${literal(twoOverLn2[1])}, vLow * ${literal(twoOverLn2[0])});
  let sum = fast_two_sum(f32(x.exponent), w.x);
  return fast_two_sum(sum.x, sum.y + wLow);
}`,
  // IEEE pow: 1 to any power is 1, also to NaN, and -1 to an infinite power; what is negative has whole powers only.
  pow_float32: `fn pow_float32(x: f32, y: f32) -> f32 {
  let a = magnitude(x);
  let b = magnitude(y);
  if (b == 0u || bitcast<u32>(x) == 0x3f800000u) { return 1f; }
  if (max(a, b) > 0x7f800000u) { return float_of(0x7fc00000u); }
  // All numbers from 2^24 on are even.
  let isLarge = b >= 0x4b800000u;
  let size = bitcast<f32>(select(b, 0u, isLarge));
  let isWhole = isLarge || floor(size) == size;
  let isOdd = !isLarge && isWhole && (u32(size) & 1u) != 0u;
  let isNegative = bitcast<u32>(x) > 0x7fffffffu;
  let sign = select(0u, 0x80000000u, isNegative && isOdd);
  if (isNegative && !isWhole && a != 0u && a != 0x7f800000u) { return float_of(0x7fc00000u); }
  if (a == 0x3f800000u) { return float_of(0x3f800000u | sign); }
  let grows = (a > 0x3f800000u) == (bitcast<i32>(y) > 0);
  let end = float_of(select(0u, 0x7f800000u, grows) | sign);
  if (a == 0u || a == 0x7f800000u || b == 0x7f800000u) { return end; }
  let l = log2_pair(a);
  if (abs(l.x) * abs(y) >= 160f) { return end; }
  let p = two_product(y, l.x);
  let n = round(p.x);
  let r = held(p.x - n) + fma(y, l.y, p.y);
  let power = scaled(fma(r, ${polynomial('r', exponential2)}, 1f), i32(n));
  return bitcast<f32>(bitcast<u32>(power) | sign);
}`,
  // Newton's steps from a third of the exponent. 2^-149 has no root of its own: denormal numbers count halves of it.
  cbrt_float32: `fn cbrt_float32(x: f32) -> f32 {
  let size = magnitude(x);
  let tiny = size < 0x800000u;
  let a = select(bitcast<f32>(size), f32(size & 0x7fffffu) * 2f, tiny);
  var t = bitcast<f32>(bitcast<u32>(a) / 3u + 0x2a5119f2u);
  t = (2f * t + a / (t * t)) * ${literal(1 / 3)};
  t = (2f * t + a / (t * t)) * ${literal(1 / 3)};
  t = held(t);
  t = t + (a / (t * t) - t) * ${literal(1 / 3)};
  let root = with_sign(select(t, t * ${literal(2 ** -50)}, tiny), x);
  return bitcast<f32>(select(bitcast<u32>(root), bitcast<u32>(x), size == 0u || size >= 0x7f800000u));
}`,
}
