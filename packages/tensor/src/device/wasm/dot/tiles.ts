import type { DotPlan } from '../../../program/routines.js'
import { type FunctionBuilder, i32, type Local } from '../asm/function.js'
import { i32Add, i32Mul } from '../asm/opcodes.js'
import type { Target } from '../step-code.js'
import { blockColumns, blockDepth, blockRows, leftArea, rightArea } from './areas.js'
import { arithmeticOf, panelColumns, tileRows } from './arithmetic.js'
import { blockName } from './block.js'
import { lesser, whileAbove0 } from './loops.js'
import type { Method } from './method.js'
import type { Operand } from './operand.js'
import { packName } from './pack.js'
import type { Piece } from './piece.js'
import { type Prepacked, pushPanelBytes } from './prepack.js'

/**
 * A piece of a product by blocks that the caches hold: columns, then the contraction, then rows. Of a right operand
 * that is `prepacked`, `piece.right` is the first panel.
 */
export const emitTiles = (
  target: Target,
  f: FunctionBuilder,
  plan: DotPlan,
  { packLeft, packRight }: Extract<Method, { kind: 'tiles' }>,
  left: Operand,
  right: Operand,
  piece: Piece,
  prepacked: Prepacked | null,
): void => {
  const x = arithmeticOf(left.dtype)
  const [rows, columns] = [tileRows(x, target.fma), panelColumns(x)]
  const cRow = plan.n * x.bytes
  const word = (): Local => f.local(i32)
  const [depthLeft, depth, rowsLeft, mc, nc, add] = [word(), word(), word(), word(), word(), word()]
  const [leftAt, rightAt, leftBlock, into] = [word(), word(), word(), word()]
  const [packedLeft, packedRight] = [word(), word()]
  if (packLeft) f.globalGet(target.scratch).i32(leftArea.offset).op(i32Add).set(packedLeft)
  const packHere = packRight && prepacked === null
  if (packHere) f.globalGet(target.scratch).i32(rightArea.offset).op(i32Add).set(packedRight)
  // What is packed already has no use for blocks of columns.
  const most = prepacked === null ? blockColumns : plan.n
  whileAbove0(f, piece.n, most, () => {
    lesser(f, piece.n, most).set(nc)
    f.i32(plan.k).set(depthLeft).i32(0).set(add)
    f.get(piece.left).set(leftAt).get(piece.right).set(rightAt)
    whileAbove0(f, depthLeft, blockDepth, () => {
      lesser(f, depthLeft, blockDepth).set(depth)
      if (packHere) {
        f.get(nc).get(depth).get(rightAt).i32(right.across).i32(right.along).get(packedRight)
        f.call(target.routine(packName(right.dtype, 'right')))
      }
      f.get(piece.m).set(rowsLeft).get(leftAt).set(leftBlock).get(piece.into).set(into)
      whileAbove0(f, rowsLeft, blockRows, () => {
        lesser(f, rowsLeft, blockRows).set(mc)
        if (packLeft) {
          f.get(mc).get(depth).get(leftBlock).i32(left.across).i32(left.along).get(packedLeft)
          f.call(target.routine(packName(left.dtype, 'left')))
        }
        f.get(mc).get(nc).get(depth)
        if (packLeft)
          f.get(packedLeft)
            .i32(x.bytes)
            .i32(rows * x.bytes)
            .get(depth)
            .i32(rows * x.bytes)
            .op(i32Mul)
        else
          f.get(leftBlock)
            .i32(left.across)
            .i32(left.along)
            .i32(rows * left.across)
        if (packHere)
          f.get(packedRight)
            .i32(columns * x.bytes)
            .get(depth)
            .i32(columns * x.bytes)
            .op(i32Mul)
        else if (prepacked !== null) pushPanelBytes(f.get(rightAt).i32(columns * x.bytes), x, depth)
        else
          f.get(rightAt)
            .i32(right.along)
            .i32(columns * x.bytes)
        f.get(into)
          .i32(cRow)
          .get(add)
          .call(target.routine(blockName(x)))
        f.increment(leftBlock, blockRows * left.across).increment(into, blockRows * cRow)
      })
      f.increment(leftAt, blockDepth * left.along)
        .increment(rightAt, prepacked?.block ?? blockDepth * right.along)
        .i32(1)
        .set(add)
    })
    f.increment(piece.right, most * right.across).increment(piece.into, most * x.bytes)
  })
}
