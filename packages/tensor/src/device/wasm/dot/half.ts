import { type FunctionBuilder, v128 } from '../asm/function.js'
import {
  f32x4Abs,
  f32x4Add,
  f32x4Mul,
  i32x4Add,
  i32x4ExtendLowI16x8U,
  i32x4GeU,
  i32x4GtU,
  i32x4LtU,
  i32x4Shl,
  i32x4ShrU,
  i32x4Sub,
  v128And,
  v128Bitselect,
  v128Or,
} from '../asm/opcodes.js'

/** The float32 numbers of the four float16 in the low half of the vector on the stack. */
export const widenFloat16 = (f: FunctionBuilder): FunctionBuilder => {
  const bits = f.local(v128)
  const magnitude = f.local(v128)
  f.op(i32x4ExtendLowI16x8U).tee(bits).i32x4(0x7fff).op(v128And).set(magnitude)
  // The exponent's bias, by a multiplication: so subnormals come out right.
  f.get(magnitude)
    .i32(13)
    .op(i32x4Shl)
    .f32x4(2 ** 112)
    .op(f32x4Mul)
  f.get(magnitude).i32x4(0x7c00).op(i32x4GeU).i32x4(0x7f800000).op(v128And).op(v128Or)
  return f.get(bits).i32x4(0x8000).op(v128And).i32(16).op(i32x4Shl).op(v128Or)
}

/** The float16 bits, in 32-bit lanes, of the float32 numbers on the stack: to nearest, halves to even. */
export const narrowFloat16 = (f: FunctionBuilder): FunctionBuilder => {
  const bits = f.local(v128)
  const magnitude = f.local(v128)
  f.tee(bits).i32x4(0x7fffffff).op(v128And).set(magnitude)
  f.i32x4(0x7e00).i32x4(0x7c00)
  // Below the normal numbers the spacing is 2^-24, which is float32's at one half.
  f.get(bits).op(f32x4Abs).f32x4(0.5).op(f32x4Add).i32x4(0x3f000000).op(i32x4Sub)
  f.get(magnitude)
    .i32x4(0xfff - 0x38000000)
    .op(i32x4Add)
  f.get(magnitude).i32(13).op(i32x4ShrU).i32x4(1).op(v128And).op(i32x4Add).i32(13).op(i32x4ShrU)
  f.get(magnitude).i32x4(0x38800000).op(i32x4LtU).op(v128Bitselect)
  f.get(magnitude).i32x4(0x47800000).op(i32x4GeU).op(v128Bitselect)
  f.get(magnitude).i32x4(0x7f800000).op(i32x4GtU).op(v128Bitselect)
  return f.get(bits).i32(16).op(i32x4ShrU).i32x4(0x8000).op(v128And).op(v128Or)
}

/** The bfloat16 bits, in 32-bit lanes, of the float32 numbers on the stack: to nearest, halves to even. */
export const narrowBFloat16 = (f: FunctionBuilder): FunctionBuilder => {
  const bits = f.local(v128)
  const upper = f.local(v128)
  f.tee(bits).i32(16).op(i32x4ShrU).tee(upper).i32x4(0x40).op(v128Or)
  f.get(bits).i32x4(0x7fff).op(i32x4Add).get(upper).i32x4(1).op(v128And).op(i32x4Add).i32(16).op(i32x4ShrU)
  return f.get(bits).i32x4(0x7fffffff).op(v128And).i32x4(0x7f800000).op(i32x4GtU).op(v128Bitselect)
}
