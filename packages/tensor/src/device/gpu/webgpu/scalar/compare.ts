import type { Functions } from './functions.js'

/**
 * Comparisons of floats, false where either is NaN (but for ne), and the larger and smaller, where NaN wins and -0 is
 * below 0. By keys: whole numbers in the order of the floats.
 */
export const compareFunctions: Functions<
  'order_key' | 'ordered' | 'eq_float32' | 'ne_float32' | 'lt_float32' | 'le_float32' | 'max_float32' | 'min_float32'
> = {
  order_key: `fn order_key(x: f32) -> i32 {
  let bits = bitcast<i32>(x);
  return bits ^ ((bits >> 31u) & 0x7fffffff);
}`,
  // Whether neither is NaN.
  ordered: `fn ordered(x: f32, y: f32) -> bool { return max(magnitude(x), magnitude(y)) <= 0x7f800000u; }`,
  eq_float32: `fn eq_float32(x: f32, y: f32) -> bool { return x == y && ordered(x, y); }`,
  ne_float32: `fn ne_float32(x: f32, y: f32) -> bool { return x != y || !ordered(x, y); }`,
  lt_float32: `fn lt_float32(x: f32, y: f32) -> bool { return x < y && ordered(x, y); }`,
  le_float32: `fn le_float32(x: f32, y: f32) -> bool { return x <= y && ordered(x, y); }`,
  max_float32: `fn max_float32(x: f32, y: f32) -> f32 {
  let larger = select(bitcast<u32>(y), bitcast<u32>(x), order_key(x) >= order_key(y));
  return or_nan(or_nan(bitcast<f32>(larger), y), x);
}`,
  min_float32: `fn min_float32(x: f32, y: f32) -> f32 {
  let smaller = select(bitcast<u32>(y), bitcast<u32>(x), order_key(x) <= order_key(y));
  return or_nan(or_nan(bitcast<f32>(smaller), y), x);
}`,
}
