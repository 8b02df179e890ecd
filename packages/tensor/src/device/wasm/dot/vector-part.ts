import type { DotPlan } from '../../../program/routines.js'
import { type FunctionBuilder, i32 } from '../asm/function.js'
import { i32Add } from '../asm/opcodes.js'
import type { Target } from '../step-code.js'
import { leftArea } from './areas.js'
import type { Method } from './method.js'
import { packName } from './pack.js'
import type { Piece } from './piece.js'
import { combineName, rowsName } from './vector.js'

/** A piece of a product with a vector: the results that lie within the piece, in a row. */
export const emitVector = (
  target: Target,
  f: FunctionBuilder,
  plan: DotPlan,
  { kind, vector, matrix, packVector }: Extract<Method, { kind: 'combine' | 'rows' }>,
  piece: Piece,
): void => {
  const onLeft = plan.m === 1
  const source = onLeft ? piece.left : piece.right
  const at = f.local(i32)
  if (packVector) {
    f.globalGet(target.scratch).i32(leftArea.offset).op(i32Add).set(at)
    f.i32(plan.k).i32(1).get(source).i32(vector.along).i32(0).get(at)
    f.call(target.routine(packName(vector.dtype, 'right')))
  } else f.get(source).set(at)
  f.get(onLeft ? piece.n : piece.m)
    .i32(plan.k)
    .get(at)
    .get(onLeft ? piece.right : piece.left)
  if (kind === 'combine')
    f.i32(matrix.along)
      .get(piece.into)
      .call(target.routine(combineName(matrix.dtype)))
  else
    f.i32(matrix.across)
      .get(piece.into)
      .call(target.routine(rowsName(matrix.dtype)))
}
