import type { StoredDType } from '../core/dtype.js'
import type { Atom } from '../program/program.js'
import { atomIndex, constant, scale, sum } from './affine.js'
import type { Expr, Index, ScalarOp, Test } from './ir.js'
import { type View, viewOfAxes } from './view.js'

type E = Expr<number>
type I = Index<number>

/** The part of a kernel under construction that windows need. */
interface Builder {
  at(x: Atom, view: View): E
  call(op: ScalarOp, dtype: StoredDType, args: readonly E[]): E
  const(dtype: StoredDType, value: number): E
  extent(value: number, dtype: StoredDType): E
  guard(tests: readonly Test<number>[], then: E, otherwise: E): E
}

const scalar = viewOfAxes([], [])

/** Where the window starts on each axis: as close to what is asked for as it fits. */
const origins = (b: Builder, starts: readonly Atom[], shape: readonly number[], sizes: readonly number[]): I[] =>
  starts.map((start, i) => {
    const room = shape[i]! - sizes[i]!
    if (room === 0) return constant(0)
    const at = b.at(start, scalar)
    const least = b.call('max', at.dtype, [at, b.const(at.dtype, 0)])
    return atomIndex({ kind: 'value', of: b.call('min', at.dtype, [least, b.extent(room, at.dtype)]) })
  })

/** An element of a window of `x`. */
export const windowElement = (b: Builder, inputs: readonly Atom[], sizes: readonly number[], axes: readonly I[]): E => {
  const [x, ...starts] = inputs
  const { shape } = x!.aval
  const from = origins(b, starts, shape, sizes)
  return b.at(
    x!,
    viewOfAxes(
      shape,
      axes.map((a, i) => sum(a, from[i]!)),
    ),
  )
}

/** An element of `x` with an update in a window. */
export const updatedElement = (b: Builder, inputs: readonly Atom[], axes: readonly I[]): E => {
  const [x, update, ...starts] = inputs
  const sizes = update!.aval.shape
  const { shape } = x!.aval
  const old = (): E => b.at(x!, viewOfAxes(shape, axes))
  if (sizes.includes(0)) return old()
  const from = origins(b, starts, shape, sizes)
  const inner = axes.map((a, i) => sum(a, scale(from[i]!, -1)))
  const tests = inner.flatMap((of, i): Test<number>[] =>
    sizes[i] === shape[i] ? [] : [{ kind: 'within', of, low: 0, high: sizes[i]! }],
  )
  const fresh = b.at(update!, viewOfAxes(sizes, inner))
  return tests.length === 0 ? fresh : b.guard(tests, fresh, old())
}
