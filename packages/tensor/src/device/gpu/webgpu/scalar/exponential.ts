import { type Functions, literal, polynomial } from './functions.js'

// e^r = 1 + r + r^2 P(r), for r of at most half of ln 2, with a relative error of 2^-28 (of e^r) and 2^-31 (of e^r - 1).
const exponential = [0.49999994, 0.16666521, 0.041668296, 0.008368716, 0.0013818359]
const exponentialLess1 = [0.5, 0.16666666, 0.041666493, 0.008333543, 0.0013932381, 0.00019764414]
// 2^r = 1 + r Q(r), for r of at most a half.
const exponential2 = [0.6931472, 0.24022648, 0.055503596, 0.009618499, 0.0013390969, 0.00015329264]

export const exponentialFunctions: Functions<
  | 'whole_ln2'
  | 'rest_ln2'
  | 'exp_scaled'
  | 'less_one'
  | 'exp_float32'
  | 'exp2_float32'
  | 'expm1_float32'
  | 'tanh_float32'
  | 'logistic_float32'
> = {
  // x = n ln 2 + r: n, and r by ln 2 in two parts, of which the first has so few bits that its multiples are exact.
  whole_ln2: `fn whole_ln2(x: f32) -> f32 { return round(x * ${literal(Math.LOG2E)}); }`,
  rest_ln2: `fn rest_ln2(x: f32, n: f32) -> f32 {
  return fma(n, ${literal(-1.428606765330187e-6)}, held(fma(n, ${literal(-0.693145751953125)}, x)));
}`,
  // e^x 2^by, for x between -104 and 90.
  exp_scaled: `fn exp_scaled(x: f32, by: i32) -> f32 {
  let n = whole_ln2(x);
  let r = rest_ln2(x, n);
  return scaled(fma(r * r, ${polynomial('r', exponential)}, r) + 1f, i32(n) + by);
}`,
  // e^r - 1, for r of at most half of ln 2.
  less_one: `fn less_one(r: f32) -> f32 { return fma(r * r, ${polynomial('r', exponentialLess1)}, r); }`,
  // The ends give 0 and infinity.
  exp_float32: `fn exp_float32(x: f32) -> f32 { return or_nan(exp_scaled(clamp(x, -104f, 89f), 0), x); }`,
  exp2_float32: `fn exp2_float32(x: f32) -> f32 {
  let c = clamp(x, -151f, 129f);
  let n = round(c);
  let r = c - n;
  return or_nan(scaled(fma(r, ${polynomial('r', exponential2)}, 1f), i32(n)), x);
}`,
  // 2^n (e^r - 1) + (2^n - 1), where 2^n is the product of two powers, which are numbers where it is none.
  expm1_float32: `fn expm1_float32(x: f32) -> f32 {
  let c = clamp(x, -18f, 89f);
  let n = whole_ln2(c);
  let half = i32(n) >> 1u;
  let rest = i32(n) - half;
  let first = bitcast<f32>((half + 127) << 23u);
  let less = held(first - bitcast<f32>((127 - rest) << 23u));
  let y = held(fma(less_one(rest_ln2(c, n)), first, less)) * bitcast<f32>((rest + 127) << 23u);
  return or_nan(with_sign(y, x), x);
}`,
  // (e^2x - 1) / (e^2x + 1).
  tanh_float32: `fn tanh_float32(x: f32) -> f32 {
  let c = min(2f * abs(x), 20f);
  let n = whole_ln2(c);
  let power = bitcast<f32>((i32(n) + 127) << 23u);
  let t = fma(less_one(rest_ln2(c, n)), power, held(power - 1f));
  return or_nan(with_sign(t / (t + 2f), x), x);
}`,
  // 1 / (1 + e^-x), as e^x / (1 + e^x) for negative x: its digits stay where it is small.
  logistic_float32: `fn logistic_float32(x: f32) -> f32 {
  let z = exp_scaled(max(-abs(x), -104f), 0);
  return or_nan(select(1f, z, bitcast<i32>(x) < 0) / (1f + z), x);
}`,
}
