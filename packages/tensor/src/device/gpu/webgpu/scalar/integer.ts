import type { Functions } from './functions.js'

/**
 * Integers of 32 bits; results of narrower ones are wrapped afterwards. A division by zero gives 0, and so does what
 * it leaves. Shifts by 32 or more (also negative amounts) leave 0, or the sign.
 */
export const integerFunctions: Functions<
  | 'div_int32'
  | 'div_uint32'
  | 'rem_int32'
  | 'rem_uint32'
  | 'pow_int32'
  | 'pow_uint32'
  | 'shift_left_int32'
  | 'shift_left_uint32'
  | 'shift_right_logical_int32'
  | 'shift_right_logical_uint32'
  | 'shift_right_arithmetic_int32'
  | 'shift_right_arithmetic_uint32'
  | 'product_pair'
> = {
  // The least number divided by -1 is itself: here the negation wraps.
  div_int32: `fn div_int32(x: i32, y: i32) -> i32 {
  let quotient = x / select(y, 1, y == 0 || y == -1);
  return select(select(quotient, -x, y == -1), 0, y == 0);
}`,
  div_uint32: `fn div_uint32(x: u32, y: u32) -> u32 { return select(x / max(y, 1u), 0u, y == 0u); }`,
  rem_int32: `fn rem_int32(x: i32, y: i32) -> i32 { return x % select(y, 1, y == 0 || y == -1); }`,
  rem_uint32: `fn rem_uint32(x: u32, y: u32) -> u32 { return x % max(y, 1u); }`,
  // Negative exponents give what 1 / x truncates to.
  pow_int32: `fn pow_int32(x: i32, y: i32) -> i32 {
  let unit = select(select(0, 1 - 2 * (y & 1), x == -1), 1, x == 1);
  return select(bitcast<i32>(pow_uint32(bitcast<u32>(x), bitcast<u32>(max(y, 0)))), unit, y < 0);
}`,
  pow_uint32: `fn pow_uint32(x: u32, y: u32) -> u32 {
  var result = 1u;
  var square = x;
  var left = y;
  while (left != 0u) {
    result *= select(1u, square, (left & 1u) != 0u);
    square *= square;
    left >>= 1u;
  }
  return result;
}`,
  shift_left_int32: `fn shift_left_int32(x: i32, by: i32) -> i32 { return select(0, x << (u32(by) & 31u), u32(by) < 32u); }`,
  shift_left_uint32: `fn shift_left_uint32(x: u32, by: u32) -> u32 { return select(0u, x << (by & 31u), by < 32u); }`,
  shift_right_logical_int32: `fn shift_right_logical_int32(x: i32, by: i32) -> i32 {
  return bitcast<i32>(shift_right_logical_uint32(bitcast<u32>(x), bitcast<u32>(by)));
}`,
  shift_right_logical_uint32: `fn shift_right_logical_uint32(x: u32, by: u32) -> u32 {
  return select(0u, x >> (by & 31u), by < 32u);
}`,
  shift_right_arithmetic_int32: `fn shift_right_arithmetic_int32(x: i32, by: i32) -> i32 { return x >> min(bitcast<u32>(by), 31u); }`,
  // The uppermost of 32 bits is the sign.
  shift_right_arithmetic_uint32: `fn shift_right_arithmetic_uint32(x: u32, by: u32) -> u32 {
  return bitcast<u32>(bitcast<i32>(x) >> min(by, 31u));
}`,
  // All 64 bits of a product, the upper ones first.
  product_pair: `fn product_pair(x: u32, y: u32) -> vec2<u32> {
  let low = (x & 0xffffu) * (y & 0xffffu);
  let first = (x >> 16u) * (y & 0xffffu) + (low >> 16u);
  let second = (x & 0xffffu) * (y >> 16u) + (first & 0xffffu);
  return vec2<u32>((x >> 16u) * (y >> 16u) + (first >> 16u) + (second >> 16u), (second << 16u) | (low & 0xffffu));
}`,
}
