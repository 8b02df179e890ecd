import { type ArrayOps, DtypeError, ShapeError, type Tensor, type TensorLike, tree } from '@linum/tensor'
import { baseTrace, formatShape, isFloat } from '@linum/tensor/core'
import { leafTensor, record } from './vjp.js'

/** What differentiating with respect to a value of type X yields: the same structure with tensors for leaves. */
export type GradOf<X> = unknown extends X
  ? X
  : TensorLike extends X
    ? Tensor
    : X extends number | ArrayOps
      ? Tensor
      : X extends readonly unknown[]
        ? { readonly [K in keyof X]: GradOf<X[K]> }
        : X extends object
          ? { readonly [K in keyof X]: GradOf<X[K]> }
          : X

/** Positions of a parameter list; any number where it has no fixed length. */
export type Argnum<A extends readonly unknown[]> = number extends A['length']
  ? number
  : Extract<keyof A, `${number}`> extends infer K
    ? K extends `${infer N extends number}`
      ? N
      : never
    : never

type GradResult<A extends readonly unknown[], N> = N extends number
  ? GradOf<A[N]>
  : N extends readonly number[]
    ? { readonly [I in keyof N]: N[I] extends number ? GradOf<A[N[I]]> : never }
    : never

export interface GradOptions<N, Aux extends boolean> {
  /** The argument, or arguments, to differentiate with respect to; the first by default. */
  readonly argnums?: N
  /** The function returns [loss, aux]; aux is handed out and not differentiated. */
  readonly hasAux?: Aux
}

type LossOf<Aux extends boolean> = Aux extends true ? readonly [Tensor | number, unknown] : Tensor | number
type AuxOf<R> = R extends readonly [unknown, infer X] ? X : never
type ValueOf<R> = R extends readonly [unknown, infer X] ? readonly [Tensor, X] : Tensor

/** `argnums` as a list, checked to name arguments of a call, each once. */
export const checkArgnums = (fn: string, argnums: number | readonly number[], count: number): readonly number[] => {
  const list = typeof argnums === 'number' ? [argnums] : argnums
  for (const n of list) {
    if (!Number.isInteger(n) || n < 0 || n >= count)
      throw new RangeError(
        `${fn}: argnums must name arguments, got ${n} for a call with ${count} argument${count === 1 ? '' : 's'}`,
      )
  }
  const repeated = list.find((n, i) => list.indexOf(n) !== i)
  if (repeated !== undefined) throw new RangeError(`${fn}: argnum ${repeated} is repeated in argnums`)
  return list
}

const checkLeaf = (fn: string, leaf: unknown, argnum: number, path: tree.Path): void => {
  const t = leafTensor(leaf)
  const where = `argument ${argnum}${path.length > 0 ? ` at ${tree.keystr(path)}` : ''}`
  if (t === null)
    throw new TypeError(
      `${fn}: ${where} is a ${typeof leaf}, which has no derivative; differentiate with respect to tensors only`,
    )
  if (!isFloat(t.dtype)) {
    throw new DtypeError(
      `${fn}: requires real-valued inputs (input dtype that is a sub-dtype of float), but got ${t.dtype} for ${where}; convert it with astype('float32') or leave it out of argnums`,
    )
  }
}

const checkLoss = (fn: string, loss: Tensor | null): Tensor => {
  if (loss === null)
    throw new TypeError(
      `${fn}: the function must return a scalar tensor; with auxiliary results return [loss, aux] and give { hasAux: true }`,
    )
  if (loss.ndim !== 0)
    throw new ShapeError(
      `${fn}: Gradient only defined for scalar-output functions. Output had shape: ${formatShape(loss.shape)}.`,
    )
  if (!isFloat(loss.dtype))
    throw new DtypeError(
      `${fn}: requires real-valued outputs (output dtype that is a sub-dtype of float), but got ${loss.dtype}`,
    )
  return loss
}

const differentiate = (
  fn: string,
  f: (...args: never[]) => unknown,
  argnums: number | readonly number[],
  hasAux: boolean,
  args: readonly unknown[],
): readonly [value: unknown, grads: unknown] => {
  const list = checkArgnums(fn, argnums, args.length)
  const chosen = list.map((n) => args[n])
  chosen.forEach((a, i) => tree.leavesWithPath(a).forEach(([path, leaf]) => checkLeaf(fn, leaf, list[i]!, path)))
  const [leaves, def] = tree.flatten(chosen)
  const recorded = record(
    `${fn}(${f.name || 'anonymous'})`,
    (xs) => {
      const own = tree.unflatten(def, xs) as readonly unknown[]
      const full = args.map((a, i) => (list.includes(i) ? own[list.indexOf(i)] : a))
      const out = f(...(full as never[]))
      // Refused by the trace, which says what is wrong.
      if (out instanceof Promise) return out
      if (hasAux && !(Array.isArray(out) && out.length === 2)) {
        throw new TypeError(
          `${fn}: with hasAux the function must return [loss, aux], got ${Array.isArray(out) ? `an array of ${out.length}` : typeof out}`,
        )
      }
      return out
    },
    leaves,
    leaves.map(() => true),
  )
  const lossPart = hasAux ? (recorded.result as readonly unknown[])[0] : recorded.result
  const loss = checkLoss(fn, leafTensor(lossPart))
  const grads = tree.unflatten(def, recorded.back([baseTrace().literal(1, loss.dtype, false)])) as readonly unknown[]
  const value = hasAux ? [loss, (recorded.result as readonly unknown[])[1]] : loss
  return [value, typeof argnums === 'number' ? grads[0] : grads]
}

/**
 * Value and gradient of a scalar function: `[value, grads]`, with aux `[[value, aux], grads]`. The gradient has the
 * structure of the argument. Throws DtypeError for integer arguments, ShapeError for an output that is no scalar.
 */
export const valueAndGrad =
  <
    A extends readonly unknown[],
    R extends LossOf<Aux>,
    const N extends Argnum<A> | readonly Argnum<A>[] = 0 & Argnum<A>,
    Aux extends boolean = false,
  >(
    f: (...args: A) => R,
    options: GradOptions<N, Aux> = {},
  ): ((...args: A) => readonly [ValueOf<R>, GradResult<A, N>]) =>
  (...args) =>
    differentiate(
      'valueAndGrad',
      f,
      (options.argnums as number | readonly number[] | undefined) ?? 0,
      options.hasAux === true,
      args,
    ) as never

/** The gradient of a scalar function, with aux `[grads, aux]`. */
export const grad =
  <
    A extends readonly unknown[],
    R extends LossOf<Aux>,
    const N extends Argnum<A> | readonly Argnum<A>[] = 0 & Argnum<A>,
    Aux extends boolean = false,
  >(
    f: (...args: A) => R,
    options: GradOptions<N, Aux> = {},
  ): ((...args: A) => Aux extends true ? readonly [GradResult<A, N>, AuxOf<R>] : GradResult<A, N>) =>
  (...args) => {
    const [value, grads] = differentiate(
      'grad',
      f,
      (options.argnums as number | readonly number[] | undefined) ?? 0,
      options.hasAux === true,
      args,
    )
    return (options.hasAux === true ? [grads, (value as readonly unknown[])[1]] : grads) as never
  }
