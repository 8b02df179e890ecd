import { stridesOf } from '../core/shape.js'
import type { Atom, Equation } from './program.js'

/** Walks an operand: extents and element strides, outermost first. */
export interface Walk {
  readonly extents: readonly number[]
  readonly strides: readonly number[]
}

/** A batched matrix product C[b, m, n] = sum over k of A[b, m, k] B[b, k, n], each operand walked in place; C is row-major. */
export interface DotPlan {
  readonly batch: number
  readonly m: number
  readonly n: number
  readonly k: number
  /** Each operand's walk over (batch, rows or columns, contraction). */
  readonly left: { readonly batch: Walk; readonly free: Walk; readonly contract: Walk }
  readonly right: { readonly batch: Walk; readonly free: Walk; readonly contract: Walk }
}

const product = (xs: readonly number[]): number => xs.reduce((a, b) => a * b, 1)

/** Strides of an equation's operand: those of the stored array, permuted where a transpose was left out. */
export const stridesThrough = (x: Atom, read: Atom, producer: ReadonlyMap<Atom, Equation>): readonly number[] => {
  const strides = stridesOf(read.aval.shape)
  const eqn = x === read ? undefined : producer.get(x)
  return eqn?.primitive === 'transpose' ? eqn.params.perm.map((p) => strides[p]!) : strides
}

/** Joins neighbouring axes that are walked as one. */
const merge = (extents: readonly number[], strides: readonly number[]): Walk => {
  const e: number[] = []
  const s: number[] = []
  extents.forEach((n, i) => {
    if (n === 1) return
    const last = e.length - 1
    if (last >= 0 && s[last] === strides[i]! * n) {
      e[last] = e[last]! * n
      s[last] = strides[i]!
    } else {
      e.push(n)
      s.push(strides[i]!)
    }
  })
  return { extents: e, strides: s }
}

/** `reads` are the arrays that the operands stand for in memory. */
export const planDot = (
  eqn: Extract<Equation, { primitive: 'dot_general' }>,
  reads: readonly Atom[],
  producer: ReadonlyMap<Atom, Equation>,
): DotPlan => {
  const { contract, batch } = eqn.params
  const side = (which: 0 | 1): DotPlan['left'] => {
    const x = eqn.inputs[which]!
    const strides = stridesThrough(x, reads[which]!, producer)
    const free = x.aval.shape.map((_, i) => i).filter((i) => !contract[which].includes(i) && !batch[which].includes(i))
    const walk = (axes: readonly number[]): Walk =>
      merge(
        axes.map((a) => x.aval.shape[a]!),
        axes.map((a) => strides[a]!),
      )
    return { batch: walk(batch[which]), free: walk(free), contract: walk(contract[which]) }
  }
  const [a, b] = eqn.inputs
  const extent = (x: Atom, axes: readonly number[]): number => product(axes.map((i) => x.aval.shape[i]!))
  const freeSize = (x: Atom, which: 0 | 1): number =>
    product(x.aval.shape.filter((_, i) => !contract[which].includes(i) && !batch[which].includes(i)))
  return {
    batch: extent(a!, batch[0]),
    m: freeSize(a!, 0),
    n: freeSize(b!, 1),
    k: extent(a!, contract[0]),
    left: side(0),
    right: side(1),
  }
}
