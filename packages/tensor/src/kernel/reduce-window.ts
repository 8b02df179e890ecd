import { isFloat, rangeOf, type StoredDType } from '../core/dtype.js'
import { dilated } from '../primitives/conv.js'
import type { PrimitiveParams } from '../primitives/primitive.js'
import type { Windows } from '../primitives/window.js'
import type { Atom, Equation } from '../program/program.js'
import { divmod, scale, shift, sum } from './affine.js'
import type { Expr, Index, ReduceOp, ScalarOp, Test } from './ir.js'
import { flatOf, type View, viewOfAxes } from './view.js'

type E = Expr<number>
type I = Index<number>

type WindowPrimitive = 'reduce_window' | 'window_argument'
export type WindowEquation = Extract<Equation, { primitive: WindowPrimitive }>

/** Whether an equation reduces the windows of an array: its loops are the window's. */
export const isWindow = (eqn: Equation): eqn is WindowEquation =>
  eqn.primitive === 'reduce_window' || eqn.primitive === 'window_argument'

/** The part of a kernel under construction that windows need. */
interface Builder {
  readonly extents: readonly number[]
  at(x: Atom, view: View): E
  call(op: ScalarOp, dtype: StoredDType, args: readonly E[]): E
  const(dtype: StoredDType, value: number): E
  index(of: I, dtype: StoredDType): E
  guard(tests: readonly Test<number>[], then: E, otherwise: E): E
}

/** What a window's place and a position in it mean in the operand: an index per axis, and when there is an element. */
const elementAt = (
  b: Builder,
  shape: readonly number[],
  w: Windows,
  places: readonly I[],
  inner: readonly I[],
): { readonly axes: readonly I[]; readonly tests: readonly Test<number>[] } => {
  const tests: Test<number>[] = []
  const axes = shape.map((n, i) => {
    const [low, high] = w.padding[i]!
    const step = w.baseDilation[i]!
    const of = shift(sum(scale(places[i]!, w.strides[i]!), scale(inner[i]!, w.windowDilation[i]!)), -low)
    if (low > 0 || high > 0) tests.push({ kind: 'within', of, low: 0, high: dilated(n, step) })
    if (step === 1) return of
    tests.push({ kind: 'divisible', of, by: step })
    return divmod(of, step, b.extents)[0]
  })
  return { axes, tests }
}

/** The greatest index, and so the one that the least index found is compared with. */
const nowhere = rangeOf('int32')[1]

/** The position's own index in the operand where its element is the window's value. */
const matchingIndex = (b: Builder, element: E, value: E, at: I): E => {
  const isNaN = (x: E): E => b.call('ne', 'bool', [x, x])
  const equal = b.call('eq', 'bool', [element, value])
  const same = isFloat(element.dtype)
    ? b.call('or', 'bool', [equal, b.call('and', 'bool', [isNaN(element), isNaN(value)])])
    : equal
  return b.call('select', 'int32', [same, b.index(at, 'int32'), b.const('int32', nowhere)])
}

/** What the window's loops accumulate, and what it starts from: no element changes nothing. */
export const windowTerm = (
  b: Builder,
  eqn: WindowEquation,
  places: readonly I[],
  inner: readonly I[],
): { readonly op: ReduceOp; readonly value: E } => {
  const [x, values] = eqn.inputs
  const { shape } = x!.aval
  const { axes, tests } = elementAt(b, shape, eqn.params, places, inner)
  const position = viewOfAxes(shape, axes)
  const term = (op: ReduceOp, neutral: E, value: () => E): { readonly op: ReduceOp; readonly value: E } => {
    if (shape.includes(0)) return { op, value: neutral }
    return { op, value: tests.length === 0 ? value() : b.guard(tests, value(), neutral) }
  }
  if (eqn.primitive === 'window_argument')
    return term('min', b.const('int32', nowhere), () =>
      matchingIndex(b, b.at(x!, position), b.at(values!, viewOfAxes(values!.aval.shape, places)), flatOf(position)),
    )
  const { op }: PrimitiveParams['reduce_window'] = eqn.params
  const dtype = x!.aval.dtype as StoredDType
  const [least, greatest] = rangeOf(dtype)
  const neutral = op === 'sum' ? 0 : op === 'max' ? least : greatest
  return term(op, b.const(dtype, neutral), () => b.at(x!, position))
}

/** What a window's accumulator makes of the result: an index that was not found is -1. */
export const windowResult = (b: Builder, eqn: WindowEquation, accumulated: E): E =>
  eqn.primitive === 'reduce_window'
    ? accumulated
    : b.call('select', 'int32', [
        b.call('eq', 'bool', [accumulated, b.const('int32', nowhere)]),
        b.const('int32', -1),
        accumulated,
      ])
