import type { Functions } from './functions.js'

/**
 * Floats by their bits. Compilers may take numbers to be finite, reorder sums and contract products with sums, all of
 * which whole numbers are safe from.
 */
export const bitFunctions: Functions<
  'float_of' | 'magnitude' | 'is_nan' | 'held' | 'or_nan' | 'with_sign' | 'scaled' | 'sign_float32'
> = {
  // Also what a literal cannot be: infinities, NaN, -0 and denormal numbers.
  float_of: `fn float_of(bits: u32) -> f32 { return bitcast<f32>(bits); }`,
  magnitude: `fn magnitude(x: f32) -> u32 { return bitcast<u32>(x) & 0x7fffffffu; }`,
  is_nan: `fn is_nan(x: f32) -> bool { return magnitude(x) > 0x7f800000u; }`,
  // The rounded number: no compiler can look through the minimum, so that nothing is reordered or contracted across it.
  held: `fn held(x: f32) -> f32 { return bitcast<f32>(min(bitcast<u32>(x), 0xfffffffeu)); }`,
  // y, or x where that is NaN.
  or_nan: `fn or_nan(y: f32, x: f32) -> f32 { return bitcast<f32>(select(bitcast<u32>(y), bitcast<u32>(x), is_nan(x))); }`,
  // y, which is not negative, with the sign of x.
  with_sign: `fn with_sign(y: f32, x: f32) -> f32 { return bitcast<f32>(magnitude(y) | (bitcast<u32>(x) & 0x80000000u)); }`,
  // y * 2^n, for n between -252 and 254: by two powers, of which each is a normal number.
  scaled: `fn scaled(y: f32, n: i32) -> f32 {
  let half = n >> 1u;
  return held(y * bitcast<f32>((half + 127) << 23u)) * bitcast<f32>((n - half + 127) << 23u);
}`,
  sign_float32: `fn sign_float32(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  let size = bits & 0x7fffffffu;
  return bitcast<f32>(select((bits & 0x80000000u) | 0x3f800000u, bits, size == 0u || size > 0x7f800000u));
}`,
}
