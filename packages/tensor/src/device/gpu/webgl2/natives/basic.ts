/** Bits, signs, comparisons: NaN is told by its bits, because drivers may assume that there is none. */
export const basic: readonly string[] = [
  'float l_bits(int high, int low) { return uintBitsToFloat((uint(high) << 16) | uint(low)); }',
  'bool l_is_nan(float x) { return (floatBitsToUint(x) & 0x7fffffffu) > 0x7f800000u; }',
  'float l_nan() { return uintBitsToFloat(0x7fc00000u); }',
  'float l_infinity() { return uintBitsToFloat(0x7f800000u); }',
  // The size of one number with the sign of another.
  'float l_signed(float size, float x) { return uintBitsToFloat((floatBitsToUint(size) & 0x7fffffffu) | (floatBitsToUint(x) & 0x80000000u)); }',
  'float l_abs(float x) { return uintBitsToFloat(floatBitsToUint(x) & 0x7fffffffu); }',
  'float l_neg(float x) { return uintBitsToFloat(floatBitsToUint(x) ^ 0x80000000u); }',
  'float l_sign(float x) { return l_is_nan(x) || x == 0.0 ? x : x > 0.0 ? 1.0 : -1.0; }',
  'float l_positive(float x) { return x > 0.0 ? 1.0 : 0.0; }',
  'float l_is_finite(float x) { return (floatBitsToUint(x) & 0x7fffffffu) < 0x7f800000u ? 1.0 : 0.0; }',
  'float l_to_bool(float x) { return (floatBitsToUint(x) & 0x7fffffffu) != 0u ? 1.0 : 0.0; }',
  'float l_not(float x) { return 1.0 - x; }',
  'float l_xor(float x, float y) { return x == y ? 0.0 : 1.0; }',
  'bool l_ordered(float x, float y) { return !l_is_nan(x) && !l_is_nan(y); }',
  'float l_eq(float x, float y) { return l_ordered(x, y) && x == y ? 1.0 : 0.0; }',
  'float l_ne(float x, float y) { return l_ordered(x, y) && x == y ? 0.0 : 1.0; }',
  'float l_lt(float x, float y) { return l_ordered(x, y) && x < y ? 1.0 : 0.0; }',
  'float l_le(float x, float y) { return l_ordered(x, y) && x <= y ? 1.0 : 0.0; }',
  'float l_gt(float x, float y) { return l_ordered(x, y) && x > y ? 1.0 : 0.0; }',
  'float l_ge(float x, float y) { return l_ordered(x, y) && x >= y ? 1.0 : 0.0; }',
  // A NaN wins, and -0 is less than 0.
  'float l_max(float x, float y) { if (l_is_nan(x)) return x; if (l_is_nan(y)) return y; if (x == y) return uintBitsToFloat(floatBitsToUint(x) & floatBitsToUint(y)); return x > y ? x : y; }',
  'float l_min(float x, float y) { if (l_is_nan(x)) return x; if (l_is_nan(y)) return y; if (x == y) return uintBitsToFloat(floatBitsToUint(x) | floatBitsToUint(y)); return x < y ? x : y; }',
  'float l_select(float c, float x, float y) { return c != 0.0 ? x : y; }',
  'vec2 l_select_pair(float c, vec2 x, vec2 y) { return c != 0.0 ? x : y; }',
  // Index arithmetic. Copies by number: one that takes another of its own name would be kept in a float.
  'float l_within(int x, int low, int high) { return x >= low && x < high ? 1.0 : 0.0; }',
  'float l_divisible(int x, int by) { return x - (x / by) * by == 0 ? 1.0 : 0.0; }',
  'int l_negative(int x) { return -x; }',
  // Whether a candidate takes the place of the best: the first element does, and the first NaN, for good.
  'float l_takes(float better, float x, float best, int n) { return n == 0 || better != 0.0 || (l_is_nan(x) && !l_is_nan(best)) ? 1.0 : 0.0; }',
  'float l_takes_whole(float better, int n) { return n == 0 || better != 0.0 ? 1.0 : 0.0; }',
  // What a sum took too much of a term.
  'float l_lost(float sum, float term, float next) { return l_is_finite(next) == 0.0 ? 0.0 : (next - sum) - term; }',
  // Leaves the element that is there, outside a range.
  'float l_put(float x, int inside) { if (inside == 0) discard; return x; }',
  'vec2 l_put_pair(vec2 x, int inside) { if (inside == 0) discard; return x; }',
  'int l_in_range(int x, int from, int length) { return x >= from && x - from < length ? 1 : 0; }',
]
