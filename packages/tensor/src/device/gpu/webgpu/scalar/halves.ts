import type { Functions } from './functions.js'

/** float16 and bfloat16: float32 numbers rounded to them, and their 16 bits. */
export const halfFunctions: Functions<
  'round_float16' | 'round_bfloat16' | 'encode_float16' | 'decode_float16' | 'encode_bfloat16' | 'decode_bfloat16'
> = {
  // To nearest, ties to even. Below the normal numbers the spacing is 2^-24; from 65520 on all is infinite.
  round_float16: `fn round_float16(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  let size = bits & 0x7fffffffu;
  let normal = (size + 0xfffu + ((size >> 13u) & 1u)) & 0xffffe000u;
  let small = bitcast<u32>(round(bitcast<f32>(size) * 16777216f) * 5.9604644775390625e-8f);
  let finite = select(normal, small, size < 0x38800000u);
  let rounded = select(finite, max(size & 0x7fc00000u, 0x7f800000u), size >= 0x477ff000u);
  return bitcast<f32>(rounded | (bits & 0x80000000u));
}`,
  round_bfloat16: `fn round_bfloat16(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  let rounded = (bits + 0x7fffu + ((bits >> 16u) & 1u)) & 0xffff0000u;
  return bitcast<f32>(select(rounded, bits | 0x400000u, is_nan(x)));
}`,
  encode_float16: `fn encode_float16(x: f32) -> u32 {
  let size = magnitude(x);
  let small = u32(round(bitcast<f32>(size) * 16777216f));
  let finite = select((size - 0x38000000u) >> 13u, small, size < 0x38800000u);
  let large = select(0x7c00u, 0x7e00u, size > 0x7f800000u);
  return select(finite, large, size >= 0x47800000u) | ((bitcast<u32>(x) >> 16u) & 0x8000u);
}`,
  decode_float16: `fn decode_float16(bits: u32) -> f32 {
  let size = bits & 0x7fffu;
  let small = bitcast<u32>(f32(size) * 5.9604644775390625e-8f);
  let finite = select((size << 13u) + 0x38000000u, small, size < 0x400u);
  return bitcast<f32>(select(finite, (size << 13u) | 0x7f800000u, size >= 0x7c00u) | ((bits & 0x8000u) << 16u));
}`,
  encode_bfloat16: `fn encode_bfloat16(x: f32) -> u32 {
  return (bitcast<u32>(x) >> 16u) | select(0u, 0x40u, is_nan(x));
}`,
  decode_bfloat16: `fn decode_bfloat16(bits: u32) -> f32 { return bitcast<f32>(bits << 16u); }`,
}
