import { dtypeBytes, isFloat, isHalf, type StoredDType } from '../../../core/dtype.js'
import { f32, f64, type FunctionBuilder, i32, type ValueType } from '../asm/function.js'
import {
  f32Add,
  f32Load,
  f32Store,
  f32x4Add,
  f32x4Mul,
  f32x4RelaxedMadd,
  f64Add,
  f64Load,
  f64Store,
  f64x2Add,
  f64x2Mul,
  f64x2RelaxedMadd,
  i32Add,
  i32Load,
  i32Store,
  i32x4Add,
  i32x4Mul,
  v128Load32Splat,
  v128Load64Splat,
} from '../asm/opcodes.js'

/** The numbers in which products are computed: halves in float32, every integer in 32 bits. */
export interface Arithmetic {
  readonly name: 'f32' | 'f64' | 'i32'
  readonly bytes: 4 | 8
  /** Numbers in a vector. */
  readonly lanes: 2 | 4
  readonly scalar: ValueType
  readonly loadSplat: number
  readonly add: number
  readonly multiply: number
  /** Multiplies and adds with one rounding. */
  readonly multiplyAdd: number | null
  readonly load: number
  readonly store: number
  readonly addScalar: number
}

const f32Arithmetic: Arithmetic = {
  name: 'f32',
  bytes: 4,
  lanes: 4,
  scalar: f32,
  loadSplat: v128Load32Splat,
  add: f32x4Add,
  multiply: f32x4Mul,
  multiplyAdd: f32x4RelaxedMadd,
  load: f32Load,
  store: f32Store,
  addScalar: f32Add,
}
const f64Arithmetic: Arithmetic = {
  name: 'f64',
  bytes: 8,
  lanes: 2,
  scalar: f64,
  loadSplat: v128Load64Splat,
  add: f64x2Add,
  multiply: f64x2Mul,
  multiplyAdd: f64x2RelaxedMadd,
  load: f64Load,
  store: f64Store,
  addScalar: f64Add,
}
const i32Arithmetic: Arithmetic = {
  name: 'i32',
  bytes: 4,
  lanes: 4,
  scalar: i32,
  loadSplat: v128Load32Splat,
  add: i32x4Add,
  multiply: i32x4Mul,
  multiplyAdd: null,
  load: i32Load,
  store: i32Store,
  addScalar: i32Add,
}
export const arithmetics: readonly Arithmetic[] = [f32Arithmetic, f64Arithmetic, i32Arithmetic]

export const arithmeticOf = (dtype: StoredDType): Arithmetic =>
  isHalf(dtype) || dtype === 'float32' ? f32Arithmetic : isFloat(dtype) ? f64Arithmetic : i32Arithmetic

/** Whether elements are stored as they are computed with. */
export const isNative = (dtype: StoredDType): boolean => dtypeBytes(dtype) === arithmeticOf(dtype).bytes

/** sum + a * b, in every lane of every product, on operands that `a`, `b` and `sum` push. */
export const multiplyAdd = (
  f: FunctionBuilder,
  x: Arithmetic,
  fma: boolean,
  sum: () => unknown,
  a: () => unknown,
  b: () => unknown,
): FunctionBuilder => {
  if (fma && x.multiplyAdd !== null) {
    a()
    b()
    sum()
    return f.op(x.multiplyAdd)
  }
  sum()
  a()
  b()
  return f.op(x.multiply).op(x.add)
}

/** Rows of a tile: as many sums as stay in sixteen registers. */
export const tileRows = (x: Arithmetic, fma: boolean): number => (fma && x.multiplyAdd !== null ? 6 : 4)
/** Columns of a panel of the right operand: two vectors. */
export const panelColumns = (x: Arithmetic): number => 2 * x.lanes
