import { dtypeBytes, isFloat, isSigned, type StoredDType } from '../../../core/dtype.js'
import { type FunctionBuilder, i32, type Local } from '../asm/function.js'
import {
  f32Load,
  f32Ne,
  f64Load,
  f64Ne,
  i32Add,
  i32And,
  i32Eq,
  i32Eqz,
  i32Extend16S,
  i32GtU,
  i32Load,
  i32Load16S,
  i32Load16U,
  i32Load8S,
  i32Load8U,
  i32Or,
  i32ShrS,
  i32Xor,
} from '../asm/opcodes.js'

/**
 * Pushes a word of the element at an address. The unsigned order of the words, the last one deciding first, is that of
 * the elements, with NaN last and -0 equal to 0.
 */
export type Spell = (f: FunctionBuilder, at: Local) => void

const integer =
  (dtype: StoredDType): Spell =>
  (f, at) => {
    const bytes = dtypeBytes(dtype)
    const signed = isSigned(dtype)
    f.get(at)
    if (bytes === 4) f.memory(i32Load)
    else if (bytes === 2) f.memory(signed ? i32Load16S : i32Load16U)
    else f.memory(signed ? i32Load8S : i32Load8U)
    if (signed) f.i32(2 ** (8 * bytes - 1)).op(i32Add)
  }

/** Negative floats have their bits turned over, others their sign only. */
const half =
  (infinity: number): Spell =>
  (f, at) => {
    const bits = f.local(i32)
    f.i32(0).get(at).memory(i32Load16U).tee(bits)
    f.get(bits).i32(0x8000).op(i32Eq).select().set(bits)
    f.i32(0xffff)
    f.get(bits).op(i32Extend16S).i32(31).op(i32ShrS).i32(0x8000).op(i32Or).get(bits).op(i32Xor).i32(0xffff).op(i32And)
    f.get(bits).i32(0x7fff).op(i32And).i32(infinity).op(i32GtU).select()
  }

/** The order of 32 bits of which the first is a sign; `bits` is on the stack. */
const bySign = (f: FunctionBuilder, bits: Local): void => {
  f.tee(bits).i32(31).op(i32ShrS)
  f.i32(0x80000000).op(i32Or).get(bits).op(i32Xor)
}

const float32: Spell = (f, at) => {
  const bits = f.local(i32)
  f.i32(-1)
  f.i32(0).get(at).memory(i32Load).tee(bits)
  f.get(bits).i32(0x80000000).op(i32Eq).select()
  bySign(f, bits)
  f.get(at).memory(f32Load).get(at).memory(f32Load).op(f32Ne).select()
}

const float64 =
  (upper: boolean): Spell =>
  (f, at) => {
    const high = f.local(i32)
    f.i32(-1)
    if (upper) {
      f.i32(0).get(at).memory(i32Load, 4).tee(high)
      f.get(high).i32(0x7fffffff).op(i32And).get(at).memory(i32Load).op(i32Or).op(i32Eqz).select()
      bySign(f, high)
    } else {
      // The lower word of zeros is 0 and must stay so for both.
      f.get(at).memory(i32Load)
      f.i32(0).get(at).memory(i32Load, 4).i32(31).op(i32ShrS)
      f.get(at).memory(i32Load, 4).i32(0x7fffffff).op(i32And).get(at).memory(i32Load).op(i32Or).op(i32Eqz)
      f.select().op(i32Xor)
    }
    f.get(at).memory(f64Load).get(at).memory(f64Load).op(f64Ne).select()
  }

/** The words of a dtype's order, the one that decides last first. */
export const wordsOf = (dtype: StoredDType): readonly Spell[] => {
  if (!isFloat(dtype)) return [integer(dtype)]
  switch (dtype) {
    case 'float64':
      return [float64(false), float64(true)]
    case 'float16':
      return [half(0x7c00)]
    case 'bfloat16':
      return [half(0x7f80)]
    default:
      return [float32]
  }
}
