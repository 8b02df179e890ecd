import type { Functions } from './functions.js'

/** Between floats and integers. Towards integers: towards zero, what lies outside to the nearest end, NaN to 0. */
export const convertFunctions: Functions<
  'float_to_int32' | 'float_to_uint32' | 'int32_to_float' | 'uint32_to_float' | 'float_to_bool'
> = {
  float_to_int32: `fn float_to_int32(x: f32, low: i32, high: i32) -> i32 {
  let size = magnitude(x);
  let whole = i32(clamp(x, -2147483648f, 2147483520f));
  let finite = clamp(select(whole, select(high, low, bitcast<i32>(x) < 0), size >= 0x4f000000u), low, high);
  return select(finite, 0, size > 0x7f800000u);
}`,
  float_to_uint32: `fn float_to_uint32(x: f32, high: u32) -> u32 {
  let bits = bitcast<u32>(x);
  let whole = select(u32(clamp(x, 0f, 4294967040f)), high, bits >= 0x4f800000u);
  return select(min(whole, high), 0u, bits > 0x7f800000u);
}`,
  // The sum of both halves, which are exact, rounds once.
  int32_to_float: `fn int32_to_float(x: i32) -> f32 { return f32(x >> 16u) * 65536f + f32(x & 0xffff); }`,
  uint32_to_float: `fn uint32_to_float(x: u32) -> f32 { return f32(x >> 16u) * 65536f + f32(x & 0xffffu); }`,
  float_to_bool: `fn float_to_bool(x: f32) -> bool { return magnitude(x) != 0u; }`,
}
