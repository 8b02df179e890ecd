import { ShapeError, StateError, type Tensor, tree } from '@linum/tensor'
import { formatShape, isFloat, sameShape, withTrace } from '@linum/tensor/core'
import { forwardCalls } from './control/forward.js'
import { JvpTrace } from './jvp-trace.js'
import { filled } from './rules/forward/rule.js'
import { leafTensor, vjp } from './vjp.js'

export interface JvpOptions<Aux extends boolean = boolean> {
  /** `f` returns [output, aux]; aux is handed out without a tangent. */
  readonly hasAux?: Aux
}

type Outcome<R, Aux extends boolean> = Aux extends true
  ? R extends readonly [infer O, infer X]
    ? readonly [O, O, X]
    : never
  : readonly [R, R]

/** A leaf's tensor if it is of real numbers. */
const realTensor = (leaf: unknown): Tensor | null => {
  const t = leafTensor(leaf)
  return t !== null && isFloat(t.dtype) ? t : null
}

const checkTangent = (fn: string, primal: unknown, tangent: unknown, path: tree.Path): void => {
  const [p, t] = [realTensor(primal), leafTensor(tangent)]
  if (p === null) return
  if (t === null || !sameShape(p.shape, t.shape)) {
    throw new ShapeError(
      `${fn}: a tangent must have its primal's shape, got ${t === null ? typeof tangent : formatShape(t.shape)} for ${formatShape(p.shape)} at argument ${tree.keystr(path)}`,
    )
  }
}

/** The leaves of tangents, checked to fit the primals. */
const movesOf = (fn: string, primals: unknown, tangents: unknown): readonly unknown[] => {
  const [leaves, def] = tree.flatten(primals)
  const [moves, movesDef] = tree.flatten(tangents)
  if (!movesDef.equals(def))
    throw new StateError(
      `${fn}: tangents must have the structure of the primals, got ${String(movesDef)} for ${String(def)}`,
    )
  tree.leavesWithPath(primals).forEach(([path], i) => checkTangent(fn, leaves[i], moves[i], path))
  return moves
}

/**
 * The value of `f` and its derivative along tangents: `[out, dout]`, with aux `[out, dout, aux]`. Tangents have the
 * structure and shapes of the primals; those of integers are ignored, and the tangent of an integer result is 0.
 */
export const jvp = <A extends readonly unknown[], R, Aux extends boolean = false>(
  f: (...args: A) => R,
  primals: A,
  tangents: NoInfer<A>,
  options: JvpOptions<Aux> = {},
): Outcome<R, Aux> => {
  const [leaves, def] = tree.flatten(primals)
  const moves = movesOf('jvp', primals, tangents)
  const label = `jvp(${f.name || 'anonymous'})`
  return withTrace(
    (level) => new JvpTrace(level, label, forwardCalls),
    (trace) => {
      const duals = leaves.map((leaf, i) => {
        const p = realTensor(leaf)
        return p === null ? leaf : trace.dual(p, leafTensor(moves[i])!.astype(p.dtype))
      })
      const out = f(...(tree.unflatten(def, duals) as A))
      if (out instanceof Promise) return out as never
      const part = (x: unknown, pick: (leaf: unknown) => unknown): unknown => {
        const [l, d] = tree.flatten(x)
        return tree.unflatten(d, l.map(pick))
      }
      const primal = (leaf: unknown): unknown =>
        typeof leaf === 'number' || leafTensor(leaf) === null ? leaf : trace.primalOf(leafTensor(leaf)!)
      const tangent = (leaf: unknown): unknown => {
        const t = leafTensor(leaf)
        return t === null ? leaf : filled(trace.tangentOf(t), trace.primalOf(t))
      }
      if (options.hasAux !== true) return [part(out, primal), part(out, tangent)] as unknown as Outcome<R, Aux>
      if (!Array.isArray(out) || out.length !== 2) {
        throw new TypeError(
          `jvp: with hasAux the function must return [output, aux], got ${Array.isArray(out) ? `an array of ${out.length}` : typeof out}`,
        )
      }
      const [main, aux] = out as readonly unknown[]
      return [part(main, primal), part(main, tangent), part(aux, primal)] as unknown as Outcome<R, Aux>
    },
  )
}

/**
 * The value of `f` at `primals` and its derivative there as a linear function of tangents: `[out, fLin]`, where
 * `fLin(...tangents)` does not run `f` again. It is the transpose of the pullback, found by pulling back twice.
 */
export const linearize = <A extends readonly unknown[], R>(
  f: (...args: A) => R,
  primals: A,
): readonly [R, (...tangents: A) => R] => {
  const [out, back] = vjp(f, primals)
  const [results, def] = tree.flatten(out)
  const zeros = results.map((x) => (realTensor(x) === null ? x : filled(null, realTensor(x)!)))
  const real = tree.leaves(primals).map((x) => realTensor(x) !== null)
  const fLin = (...tangents: A): R => {
    const moves = movesOf('linearize', primals, tangents).filter((_, i) => real[i] === true)
    // Pulling back gives null for what is no real number; pulling back again gives the rest in order.
    const [, forth] = vjp((ct: unknown) => tree.leaves(back(ct as never)), [tree.unflatten(def, zeros)])
    const found = tree.leaves(forth(moves)).values()
    return tree.unflatten(
      def,
      results.map((x) => {
        const t = leafTensor(x)
        return t === null ? x : isFloat(t.dtype) ? found.next().value : filled(null, t)
      }),
    ) as R
  }
  return [out, fLin]
}
