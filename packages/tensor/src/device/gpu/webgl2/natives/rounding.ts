/** Rounding to whole numbers and to the halves. */
export const rounding: readonly string[] = [
  'float l_floor(float x) { return l_is_nan(x) ? x : x == 0.0 ? x : floor(x); }',
  'float l_ceil(float x) { return l_is_nan(x) ? x : x <= 0.0 && x > -1.0 ? l_signed(0.0, x) : ceil(x); }',
  // Halves to even; from 2^23 on every number is whole.
  `float l_round(float x) {
  float size = l_abs(x);
  if (!(size < 8388608.0)) return x;
  float whole = floor(size);
  float rest = size - whole;
  bool up = rest > 0.5 || (rest == 0.5 && floor(whole * 0.5) * 2.0 != whole);
  return l_signed(up ? whole + 1.0 : whole, x);
}`,
  `float l_round_bfloat16(float x) {
  uint u = floatBitsToUint(x);
  if (l_is_nan(x)) return uintBitsToFloat((u & 0xffff0000u) | 0x400000u);
  return uintBitsToFloat((u + 0x7fffu + ((u >> 16) & 1u)) & 0xffff0000u);
}`,
  `uint l_float16_bits(float x) {
  uint u = floatBitsToUint(x);
  uint sign = (u >> 16) & 0x8000u;
  uint size = u & 0x7fffffffu;
  if (size > 0x7f800000u) return sign | 0x7e00u;
  if (size >= 0x47800000u) return sign | 0x7c00u;
  if (size < 0x38800000u) {
    // Whole multiples of 2^-24, rounded to even.
    float scaled = uintBitsToFloat(size) * 16777216.0;
    float whole = floor(scaled);
    float rest = scaled - whole;
    bool up = rest > 0.5 || (rest == 0.5 && floor(whole * 0.5) * 2.0 != whole);
    return sign | uint(up ? whole + 1.0 : whole);
  }
  return sign | ((size - 0x38000000u + 0xfffu + ((size >> 13) & 1u)) >> 13);
}`,
  `float l_float16_of(uint bits) {
  uint exponent = (bits >> 10) & 31u;
  uint fraction = bits & 1023u;
  float size = exponent == 31u
    ? uintBitsToFloat(0x7f800000u | (fraction << 13))
    : exponent == 0u
    ? float(fraction) * 5.9604644775390625e-8
    : uintBitsToFloat(((exponent + 112u) << 23) | (fraction << 13));
  return uintBitsToFloat((floatBitsToUint(size) & 0x7fffffffu) | ((bits & 0x8000u) << 16));
}`,
  'float l_round_float16(float x) { return l_float16_of(l_float16_bits(x)); }',
]
