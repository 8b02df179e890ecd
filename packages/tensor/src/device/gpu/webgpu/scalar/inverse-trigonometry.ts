import { type Functions, literal, polynomial } from './functions.js'

// atan x = x + x^3 A(x^2) up to 1, asin x = x + x^3 S(x^2) up to 1/2, with relative errors of 2^-28.
const arctangent = [
  -0.333333, 0.19998549, -0.14264241, 0.10952181, -0.08403437, 0.05795736, -0.031177614, 0.010914481, -0.0017935939,
]
const arcsine = [0.16666754, 0.074952416, 0.045477096, 0.024147613, 0.042218547]

// pi and its half, with what rounding added to them.
const pi = [3.1415927410125732, 8.742277657347586e-8] as const
const halfPi = [1.5707963705062866, 4.371138828673793e-8] as const

export const inverseTrigonometryFunctions: Functions<
  'atan_inside' | 'asin_inside' | 'asin_float32' | 'acos_float32' | 'atan_float32' | 'atan2_float32'
> = {
  atan_inside: `fn atan_inside(x: f32) -> f32 {
  let square = x * x;
  return fma(x * square, ${polynomial('square', arctangent)}, x);
}`,
  asin_inside: `fn asin_inside(x: f32) -> f32 {
  let square = x * x;
  return fma(x * square, ${polynomial('square', arcsine)}, x);
}`,
  // Above 1/2 by the half angle: asin x = pi / 2 - 2 asin sqrt((1 - x) / 2).
  asin_float32: `fn asin_float32(x: f32) -> f32 {
  let a = abs(x);
  let isLarge = a > 0.5f;
  let inside = asin_inside(select(a, sqrt(max(0.5f - 0.5f * a, 0f)), isLarge));
  let y = with_sign(select(inside, ${literal(halfPi[0])} - fma(2f, inside, ${literal(halfPi[1])}), isLarge), x);
  return bitcast<f32>(select(bitcast<u32>(y), 0x7fc00000u, magnitude(x) > 0x3f800000u));
}`,
  acos_float32: `fn acos_float32(x: f32) -> f32 {
  let a = abs(x);
  let isLarge = a > 0.5f;
  let isNegative = bitcast<i32>(x) < 0;
  let inside = asin_inside(select(a, sqrt(max(0.5f - 0.5f * a, 0f)), isLarge));
  let outer = select(2f * inside, ${literal(pi[0])} - fma(2f, inside, ${literal(pi[1])}), isNegative);
  let inner = ${literal(halfPi[0])} - (select(inside, -inside, isNegative) + ${literal(halfPi[1])});
  let y = bitcast<u32>(select(inner, outer, isLarge));
  return bitcast<f32>(select(y, 0x7fc00000u, magnitude(x) > 0x3f800000u));
}`,
  atan_float32: `fn atan_float32(x: f32) -> f32 {
  let a = abs(x);
  let isLarge = a > 1f;
  let inside = atan_inside(select(a, 1f / max(a, 1f), isLarge && magnitude(x) < 0x7e800000u));
  let outer = ${literal(halfPi[0])} - (select(inside, 0f, magnitude(x) >= 0x7e800000u) + ${literal(halfPi[1])});
  return or_nan(with_sign(select(inside, outer, isLarge), x), x);
}`,
  // Two zeros are as an angle of 0, two infinities as one of pi / 4; -0 counts as negative.
  atan2_float32: `fn atan2_float32(y: f32, x: f32) -> f32 {
  let height = magnitude(y);
  let width = magnitude(x);
  let larger = max(height, width);
  let smaller = min(height, width);
  let scale = select(select(1f, ${literal(2 ** 60)}, larger < 0x22000000u), ${literal(2 ** -60)}, larger > 0x71000000u);
  let ratio = (bitcast<f32>(smaller) * scale) / (bitcast<f32>(larger) * scale);
  let isEqual = smaller == larger && larger != 0u;
  let angle = atan_inside(select(select(ratio, 0f, larger == 0u || larger == 0x7f800000u), 1f, isEqual));
  let isSteep = height > width;
  let isNegative = bitcast<i32>(x) < 0;
  let base = select(select(0f, ${literal(pi[0])}, isNegative), ${literal(halfPi[0])}, isSteep);
  let rest = select(select(0f, ${literal(pi[1])}, isNegative), ${literal(halfPi[1])}, isSteep);
  let turned = base - (select(angle, -angle, isSteep == isNegative) + rest);
  return or_nan(or_nan(with_sign(turned, y), y), x);
}`,
}
