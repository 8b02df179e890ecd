import { ArrayOps, ShapeError, StateError, type Tensor, tree } from '@linum/tensor'
import { baseTrace, formatShape, inStage, isFloat, sameShape, withTrace } from '@linum/tensor/core'
import { reverseCalls } from './control/reverse.js'
import { zerosOf } from './rules/rule.js'
import { Tape } from './tape.js'

/** A leaf as a tensor, or null for one that is no number. */
export const leafTensor = (leaf: unknown): Tensor | null =>
  leaf instanceof ArrayOps
    ? leaf.asTensor()
    : typeof leaf === 'number'
      ? baseTrace().literal(leaf, 'float32', true)
      : null

/** A function run on a tape: its result with values of the level below, and the way back. */
export interface Recorded {
  readonly result: unknown
  /** Cotangents of the watched leaves from those of the result's float leaves, zeros where nothing flows. */
  readonly back: (cotangents: readonly (Tensor | null)[]) => readonly Tensor[]
  /** The result's leaves as tensors of the level below; null for other leaves. */
  readonly outputs: readonly (Tensor | null)[]
}

/** Runs `f` on trees whose `watched` leaves are recorded. */
export const record = (
  label: string,
  f: (leaves: readonly unknown[]) => unknown,
  leaves: readonly unknown[],
  watched: readonly boolean[],
): Recorded =>
  withTrace(
    (level) => new Tape(level, label, reverseCalls),
    (tape) => {
      const values = leaves.map((x, i) => (watched[i] === true ? leafTensor(x)! : null))
      const inputs = values.map((v) => (v === null ? null : tape.input(v)))
      const out = f(leaves.map((x, i) => inputs[i] ?? x))
      if (out instanceof Promise) return out as never
      const [outLeaves, def] = tree.flatten(out)
      const recorded = outLeaves.map(leafTensor)
      const outputs = recorded.map((t) => (t === null ? null : tape.lower(t)))
      const result = tree.unflatten(
        def,
        outLeaves.map((x, i) => (x instanceof ArrayOps ? outputs[i]! : x)),
      )
      const back = (cotangents: readonly (Tensor | null)[]): readonly Tensor[] => {
        const pairs = recorded.flatMap((t, i) => (t === null ? [] : [[t, cotangents[i] ?? null] as const]))
        const own = inputs.filter((x): x is Tensor => x !== null)
        const [roots, starts] = [pairs.map((p) => p[0]), pairs.map((p) => p[1])]
        return inStage('backward', () => tape.backward(roots, starts, own)).map((g, i) => g ?? zerosOf(own[i]!))
      }
      return { result, back, outputs }
    },
  )

export interface VjpOptions<Aux extends boolean = boolean> {
  /** `f` returns [output, aux]; aux is handed out and not differentiated. */
  readonly hasAux?: Aux
}

type Outcome<R, Aux extends boolean> = Aux extends true
  ? R extends readonly [infer O, infer X]
    ? readonly [O, Pullback<O>, X]
    : never
  : readonly [R, Pullback<R>]

/** From a cotangent of the output (a tree of its structure) to one cotangent per argument; null for leaves that are no real numbers. */
export type Pullback<O> = (cotangent: O) => readonly unknown[]

/**
 * The value of `f` and its pullback (reverse-mode derivative as a function): `[out, back]`, with aux
 * `[out, back, aux]`. Throws ShapeError where a cotangent's shape differs from the output's.
 */
export const vjp = <A extends readonly unknown[], R, Aux extends boolean = false>(
  f: (...args: A) => R,
  primals: A,
  options: VjpOptions<Aux> = {},
): Outcome<R, Aux> => {
  const [leaves, def] = tree.flatten(primals)
  const watched = leaves.map((x) => {
    const t = leafTensor(x)
    return t !== null && isFloat(t.dtype)
  })
  let aux: unknown
  const recorded = record('vjp', (xs) => f(...(tree.unflatten(def, xs) as A)), leaves, watched)
  let { result } = recorded
  let outputs = recorded.outputs
  if (options.hasAux === true) {
    if (!Array.isArray(result) || result.length !== 2) {
      throw new TypeError(
        `vjp: with hasAux the function must return [output, aux], got ${Array.isArray(result) ? `an array of ${result.length}` : typeof result}`,
      )
    }
    ;[result, aux] = result as readonly unknown[]
    outputs = outputs.slice(0, tree.leaves(result).length)
  }
  const outDef = tree.structure(result)
  const back = (cotangent: unknown): readonly unknown[] => {
    const [cts, ctDef] = tree.flatten(cotangent)
    if (!ctDef.equals(outDef))
      throw new StateError(
        `vjp: the cotangent must have the structure of the output, got ${String(ctDef)} for ${String(outDef)}`,
      )
    const paths = tree.leavesWithPath(cotangent)
    const typed = outputs.map((o, i) =>
      o === null || !isFloat(o.dtype) ? null : checkCotangent(o, cts[i], paths[i]![0]),
    )
    const grads = recorded.back(typed)
    let k = 0
    return tree.unflatten(
      def,
      leaves.map((_, i) => (watched[i] === true ? grads[k++]! : null)),
    ) as readonly unknown[]
  }
  return (options.hasAux === true ? [result, back, aux] : [result, back]) as unknown as Outcome<R, Aux>
}

const checkCotangent = (out: Tensor, cotangent: unknown, path: tree.Path): Tensor => {
  const ct = leafTensor(cotangent)
  if (ct === null || !sameShape(ct.shape, out.shape)) {
    throw new ShapeError(
      `vjp: a cotangent must have the output's shape ${formatShape(out.shape)}, got ${ct === null ? typeof cotangent : formatShape(ct.shape)}${path.length === 0 ? '' : ` at ${tree.keystr(path)}`}`,
    )
  }
  return ct.astype(out.dtype)
}
