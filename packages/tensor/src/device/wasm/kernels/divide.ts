import { type FunctionBuilder, type Local, v128 } from '../asm/function.js'
import * as code from '../asm/opcodes.js'
import type { Scalar, Scalars } from './scalar.js'
import type { Scope } from './scope.js'

/**
 * Quotients or remainders of four words by a positive one. They are not negative, unless `signed`; of others anything
 * may come out, but nothing traps.
 */
export const divideLanes = (
  f: FunctionBuilder,
  s: Scalars,
  at: Scope,
  kind: 'div' | 'mod',
  x: Local,
  by: Scalar,
  signed = false,
): Local => {
  const result = f.local(v128)
  f.within(at.code, () => {
    if ('constant' in by && (by.constant & (by.constant - 1)) === 0) {
      f.get(x)
      if (kind === 'div') f.i32(31 - Math.clz32(by.constant)).op(code.i32x4ShrU)
      else f.i32x4(by.constant - 1).op(code.v128And)
    } else if ('constant' in by && !signed) byConstant(f, kind, x, by.constant)
    else {
      const op = kind === 'div' ? (signed ? code.i32DivS : code.i32DivU) : signed ? code.i32RemS : code.i32RemU
      f.get(x)
      for (let lane = 0; lane < 4; lane++) {
        f.get(x).lane(code.i32x4ExtractLane, lane)
        s.push(by)
        f.op(op).lane(code.i32x4ReplaceLane, lane)
      }
    }
    f.set(result)
  })
  return result
}

/** By a product in float64: half a unit more than the quotient is far from the next integer against its rounding. */
const byConstant = (f: FunctionBuilder, kind: 'div' | 'mod', x: Local, by: number): void => {
  const half = (): void => {
    f.op(code.f64x2ConvertLowI32x4U)
      .f64x2(0.5)
      .op(code.f64x2Add)
      .f64x2(1 / by)
      .op(code.f64x2Mul)
    f.op(code.i32x4TruncSatF64x2UZero)
  }
  if (kind === 'mod') f.get(x)
  f.get(x)
  half()
  f.get(x).get(x).shuffle32(2, 3, 2, 3)
  half()
  f.shuffle32(0, 1, 4, 5)
  if (kind === 'mod') f.i32x4(by).op(code.i32x4Mul).op(code.i32x4Sub)
}
