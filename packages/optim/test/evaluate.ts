import * as optim from '@linum/optim'
import * as np from '@linum/tensor'
import type { ArrayOps, Tensor } from '@linum/tensor'
import { decode } from './fixture.js'

/** A call of the library, also inside the arguments of another; `then` are the arguments of a call of the result. */
export interface Call {
  readonly fn: string
  readonly args: readonly unknown[]
  readonly options?: Readonly<Record<string, unknown>>
  readonly then?: { readonly args: readonly unknown[]; readonly options?: Readonly<Record<string, unknown>> }
}

type Tree = Readonly<Record<string, Tensor>>

const isObject = (x: unknown): x is Readonly<Record<string, unknown>> => typeof x === 'object' && x !== null

const isCall = (x: unknown): x is Call => isObject(x) && 'fn' in x && 'args' in x

const half = (u: ArrayOps, p: ArrayOps | undefined): Tensor =>
  p === undefined ? np.mul(u, 0.5) : np.mul(u, 0.5).add(np.mul(p, 0.25))

/** Functions that fixtures name. */
const functions: Readonly<Record<string, unknown>> = {
  even: (step: Tensor) => np.equal(np.mod(step, 2), 0),
  norms: (updates: Tree) => ({ norm: optim.globalNorm(updates), first: updates['b']!.slice(0) }),
  halfOfBoth: half,
  halfOfTrees: (u: unknown, p: unknown) => np.tree.map(half, u, p),
  skipLarge: (u: unknown, step: Tensor, p: unknown) => optim.skipLargeUpdates(u, step, p, 9),
  every: (step: Tensor) => np.where(np.less(step, 1), 2, 3),
  matrixDims: (updates: unknown) => np.tree.map(() => ({ reductionAxis: 0, outputAxis: 1 }), updates),
  isMatrix: (params: unknown) => np.tree.map((p: ArrayOps) => p.ndim > 1, params),
  shapeLabels: (params: unknown) => np.tree.map((p: ArrayOps) => (p.ndim === 2 ? 'matrix' : 'rest'), params),
  logsumexp: (x: Tensor) => np.logsumexp(x, { axis: -1 }),
}

const named = (name: string): unknown => {
  const found = name
    .split('.')
    .reduce<unknown>((level, key) => (isObject(level) ? level[key] : undefined), { ...optim, ...functions })
  if (found === undefined) throw new TypeError(`${name} is not in the library`)
  return found
}

const isClass = (f: unknown): f is new (...args: readonly unknown[]) => unknown => f === optim.MultiSteps

export const evaluate = (x: unknown): unknown => {
  if (Array.isArray(x)) return x.map(evaluate)
  if (!isObject(x)) return decode(x)
  if (isCall(x)) {
    const f = named(x.fn)
    if (typeof f !== 'function') throw new TypeError(`${x.fn} is no function`)
    const all = [...x.args.map(evaluate), ...(x.options === undefined ? [] : [evaluate(x.options)])]
    const result: unknown = isClass(f) ? new f(...all) : (f as (...args: unknown[]) => unknown)(...all)
    if (x.then === undefined) return result
    return (result as (...args: unknown[]) => unknown)(
      ...x.then.args.map(evaluate),
      ...(x.then.options === undefined ? [] : [evaluate(x.then.options)]),
    )
  }
  if (typeof x['function'] === 'string') return named(x['function'])
  if ('data' in x || 'number' in x || 'seed' in x) return decode(x)
  return Object.fromEntries(Object.entries(x).map(([key, value]) => [key, evaluate(value)]))
}
