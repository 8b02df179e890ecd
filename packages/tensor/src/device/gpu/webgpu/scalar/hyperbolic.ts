import { type Functions, polynomial } from './functions.js'

// sinh x = x + x^3 S(x^2) up to 1, with a relative error of 2^-34.
const series = [0.16666667, 0.0083333505, 0.00019836066, 2.8174397e-6]

export const hyperbolicFunctions: Functions<
  'sinh_float32' | 'cosh_float32' | 'asinh_float32' | 'acosh_float32' | 'atanh_float32' | 'log_twice'
> = {
  // Half of e^x and of its inverse: the half comes first, as e^x may be too large.
  sinh_float32: `fn sinh_float32(x: f32) -> f32 {
  let a = abs(x);
  let half = exp_scaled(min(a, 90f), -1);
  let square = x * x;
  let inside = fma(square * a, ${polynomial('square', series)}, a);
  return or_nan(with_sign(select(half - 0.25f / half, inside, a < 1f), x), x);
}`,
  cosh_float32: `fn cosh_float32(x: f32) -> f32 {
  let half = exp_scaled(min(abs(x), 90f), -1);
  return or_nan(half + 0.25f / half, x);
}`,
  // The logarithm of 2x, for large x.
  log_twice: `fn log_twice(x: f32) -> f32 {
  let b = binary_of(magnitude(x));
  return log_ends(log_sum(b.fraction, f32(b.exponent + 1)), x);
}`,
  asinh_float32: `fn asinh_float32(x: f32) -> f32 {
  let a = abs(x);
  let square = a * a;
  let inside = log1p_float32(a + square / (1f + sqrt(1f + square)));
  return or_nan(with_sign(select(inside, log_twice(a), a >= 4096f), x), x);
}`,
  acosh_float32: `fn acosh_float32(x: f32) -> f32 {
  let t = x - 1f;
  let inside = log1p_float32(t + sqrt(max(t * (t + 2f), 0f)));
  let y = or_nan(select(inside, log_twice(x), x >= 4096f), x);
  return bitcast<f32>(select(bitcast<u32>(y), 0x7fc00000u, bitcast<i32>(x) < 0x3f800000));
}`,
  atanh_float32: `fn atanh_float32(x: f32) -> f32 {
  let a = abs(x);
  let twice = 2f * a;
  let inside = with_sign(0.5f * log1p_float32(twice + twice * a / select(1f - a, 1f, a >= 1f)), x);
  let size = magnitude(x);
  let end = select(0x7fc00000u, (bitcast<u32>(x) & 0x80000000u) | 0x7f800000u, size == 0x3f800000u);
  let y = select(bitcast<u32>(inside), bitcast<u32>(x), size < 0x39000000u);
  return bitcast<f32>(select(y, end, size >= 0x3f800000u));
}`,
}
