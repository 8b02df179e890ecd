import type { StoredDType } from '../../../../core/dtype.js'

/** Integers as elements hold them: a pair of 16-bit halves for 32 bits, a number for fewer. */
export const isWide = (dtype: StoredDType): boolean => dtype === 'int32' || dtype === 'uint32'

/** GLSL that makes a signed 32-bit integer of an element, and an element of one (wrapped). */
const toInt = (dtype: StoredDType, x: string): string => (isWide(dtype) ? `l_int(${x})` : `int(${x})`)
const wraps: Readonly<Partial<Record<StoredDType, (x: string) => string>>> = {
  int8: (x) => `float(((${x}) << 24) >> 24)`,
  int16: (x) => `float(((${x}) << 16) >> 16)`,
  uint8: (x) => `float((${x}) & 255)`,
  uint16: (x) => `float((${x}) & 65535)`,
}
const ofInt = (dtype: StoredDType, x: string): string => wraps[dtype]?.(x) ?? `l_pair(${x})`

/** Bodies on the 32-bit integers a and b. */
const signedBinary: Readonly<Record<string, string>> = {
  add: 'a + b',
  sub: 'a - b',
  mul: 'a * b',
  div: 'b == 0 ? 0 : b == -1 ? -a : a / b',
  rem: 'b == 0 || b == -1 ? 0 : a - (a / b) * b',
  max: 'a > b ? a : b',
  min: 'a < b ? a : b',
  and: 'a & b',
  or: 'a | b',
  xor: 'a ^ b',
  shift_left: 'uint(b) < 32u ? a << b : 0',
  shift_right_arithmetic: 'a >> (uint(b) < 32u ? b : 31)',
  pow: 'l_int_pow(a, b)',
}
const unsignedBinary: Readonly<Record<string, string>> = {
  ...signedBinary,
  div: 'b == 0 ? 0 : int(uint(a) / uint(b))',
  rem: 'b == 0 ? 0 : int(uint(a) % uint(b))',
  max: 'uint(a) > uint(b) ? a : b',
  min: 'uint(a) < uint(b) ? a : b',
  pow: 'l_uint_pow(a, b)',
}
/** Zeros come in from the left of the dtype's own bits. */
const logicalShift = (dtype: StoredDType): string => {
  const bits = dtype === 'int8' ? 'uint(a) & 255u' : dtype === 'int16' ? 'uint(a) & 65535u' : 'uint(a)'
  return `uint(b) < 32u ? int((${bits}) >> b) : 0`
}
const unary: Readonly<Record<string, string>> = {
  neg: '-a',
  abs: 'a < 0 ? -a : a',
  not: '~a',
  sign: 'a > 0 ? 1 : a < 0 ? -1 : 0',
}
const unsignedUnary: Readonly<Record<string, string>> = { ...unary, abs: 'a', sign: 'a != 0 ? 1 : 0' }
const compare: Readonly<Record<string, string>> = { eq: '==', ne: '!=', lt: '<', le: '<=', gt: '>', ge: '>=' }

const integerTypes: readonly StoredDType[] = ['int8', 'int16', 'int32', 'uint8', 'uint16', 'uint32']

const ofType = (dtype: StoredDType): readonly string[] => {
  const type = isWide(dtype) ? 'vec2' : 'float'
  const unsigned = dtype.startsWith('u')
  const binary = {
    ...(unsigned ? unsignedBinary : signedBinary),
    shift_right_logical: logicalShift(dtype),
  }
  const cast = unsigned ? 'uint' : 'int'
  return [
    ...Object.entries(binary).map(
      ([name, body]) =>
        `${type} l_${name}_${dtype}(${type} x, ${type} y) { int a = ${toInt(dtype, 'x')}; int b = ${toInt(dtype, 'y')}; return ${ofInt(dtype, body)}; }`,
    ),
    ...Object.entries(unsigned ? unsignedUnary : unary).map(
      ([name, body]) =>
        `${type} l_${name}_${dtype}(${type} x) { int a = ${toInt(dtype, 'x')}; return ${ofInt(dtype, body)}; }`,
    ),
    ...Object.entries(compare).map(
      ([name, op]) =>
        `float l_${name}_${dtype}(${type} x, ${type} y) { return ${cast}(${toInt(dtype, 'x')}) ${op} ${cast}(${toInt(dtype, 'y')}) ? 1.0 : 0.0; }`,
    ),
    // An element of a 32-bit integer, and the other way round, for indices and conversions.
    `${type} l_${dtype}_of_int(int x) { return ${ofInt(dtype, 'x')}; }`,
    `int l_int_of_${dtype}(${type} x) { return ${toInt(dtype, 'x')}; }`,
    ...integerTypes
      .filter((from) => from !== dtype)
      .map(
        (from) =>
          `${type} l_${dtype}_of_${from}(${isWide(from) ? 'vec2' : 'float'} x) { return ${ofInt(dtype, toInt(from, 'x'))}; }`,
      ),
  ]
}

/** A float towards zero, to the nearest end from outside, NaN to 0. */
const saturate = (dtype: StoredDType): string => {
  if (dtype === 'int32')
    return 'vec2 l_int32_of_float(float x) { return l_is_nan(x) ? vec2(0.0) : x >= 2147483648.0 ? vec2(32767.0, 65535.0) : x <= -2147483648.0 ? vec2(32768.0, 0.0) : l_pair(int(x)); }'
  if (dtype === 'uint32')
    return 'vec2 l_uint32_of_float(float x) { return l_is_nan(x) || x <= 0.0 ? vec2(0.0) : x >= 4294967296.0 ? vec2(65535.0) : l_pair(int(uint(x))); }'
  const bits = Number(dtype.replace(/\D/g, ''))
  const [low, high] = dtype.startsWith('u') ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1]
  return `float l_${dtype}_of_float(float x) { return l_is_nan(x) ? 0.0 : float(int(clamp(x, ${low}.0, ${high}.0))); }`
}

/** Arithmetic of integers: 32 bits wide in registers, wrapped to their dtype after every operation. */
export const integers: readonly string[] = [
  'int l_int(vec2 x) { return (int(x.x) << 16) | int(x.y); }',
  'vec2 l_pair(int x) { return vec2(float((x >> 16) & 65535), float(x & 65535)); }',
  // By squaring. Negative exponents give what 1 / x truncates to.
  `int l_int_pow(int x, int y) {
  if (y < 0) return x == 1 ? 1 : x == -1 ? ((y & 1) == 0 ? 1 : -1) : 0;
  return l_uint_pow(x, y);
}`,
  `int l_uint_pow(int x, int y) {
  int result = 1;
  uint left = uint(y);
  for (int i = 0; i < 32; i++) {
    if (left == 0u) break;
    if ((left & 1u) == 1u) result = result * x;
    x = x * x;
    left = left >> 1;
  }
  return result;
}`,
  // Halves are exact; their sum is rounded once.
  'float l_float_of_int32(vec2 x) { return (x.x >= 32768.0 ? x.x - 65536.0 : x.x) * 65536.0 + x.y; }',
  'float l_float_of_uint32(vec2 x) { return x.x * 65536.0 + x.y; }',
  'float l_float_of_int(int x) { return l_float_of_int32(l_pair(x)); }',
  'float l_bool_of_int(int x) { return x != 0 ? 1.0 : 0.0; }',
  'float l_bool_of_pair(vec2 x) { return x.x != 0.0 || x.y != 0.0 ? 1.0 : 0.0; }',
  'vec2 l_pair_of_bool(float x) { return vec2(0.0, x); }',
  'int l_int_of_bool(float x) { return int(x); }',
  'vec2 l_pair_of_words(int high, int low) { return vec2(float(high), float(low)); }',
  ...integerTypes.flatMap(ofType),
  ...integerTypes.map(saturate),
  // The same bits as another dtype.
  'vec2 l_pair_of_float_bits(float x) { return l_pair(floatBitsToInt(x)); }',
  'float l_float_of_pair_bits(vec2 x) { return intBitsToFloat(l_int(x)); }',
  'int l_bits_of_float16(float x) { return int(l_float16_bits(x)); }',
  'int l_bits_of_bfloat16(float x) { return int(floatBitsToUint(x) >> 16); }',
  'float l_float16_of_bits(int x) { return l_float16_of(uint(x) & 65535u); }',
  'float l_bfloat16_of_bits(int x) { return uintBitsToFloat(uint(x) << 16); }',
]
