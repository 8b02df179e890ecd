import { type Argnum, grad as pureGrad, valueAndGrad as pureValueAndGrad } from '@linum/autodiff'
import { type Filter, type FilterFn, formatPath, type Path, toPredicate } from '@linum/filters'
import { type Module, Param, type StateOf, type Variable, type VariableClass, type VariableState } from '@linum/graph'
import { type ArrayOps, DtypeError, Tensor, type TensorLike } from '@linum/tensor'
import { isFloat } from '@linum/tensor/core'
import { DiffState } from './diff-state.js'
import { isChosen } from './lift/chosen.js'
import { mirror } from './lift/mirror.js'
import { extract, type Inside, insert, runInside } from './lift/sandwich.js'
import { perTensor, putValues } from './lift/values.js'

/** The gradients of what a DiffState chooses: a State whose paths only the run knows; an optimizer takes it as it is. */
export interface ChosenGrads {
  readonly [key: string]: unknown
}

/** What differentiating with respect to a value of type X yields: a State of the Variables of type W for a module. */
export type GradOf<X, W = Param> = unknown extends X
  ? X
  : TensorLike extends X
    ? Tensor
    : X extends Variable<infer A>
      ? VariableState<A>
      : X extends number | ArrayOps
        ? Tensor
        : X extends Module
          ? StateOf<X, W>
          : X extends readonly unknown[]
            ? { readonly [K in keyof X]: GradOf<X[K], W> }
            : X extends ReadonlyMap<infer K, infer V>
              ? ReadonlyMap<K, GradOf<V, W>>
              : X extends object
                ? { readonly [K in keyof X]: GradOf<X[K], W> }
                : X

type InstanceOf<F> = F extends { readonly prototype: infer V } ? V : never

type GradResult<A extends readonly unknown[], N, W> = N extends number
  ? GradOf<A[N], W>
  : N extends DiffState
    ? ChosenGrads
    : N extends readonly unknown[]
      ? { readonly [I in keyof N]: N[I] extends number ? GradOf<A[N[I]], W> : ChosenGrads }
      : never

export interface GradOptions<N, W, Aux extends boolean> {
  /** The argument or arguments to differentiate with respect to, or DiffState for a choice of Variables; the first by default. */
  readonly argnums?: N
  /** Which Variables of a module count; Param by default. */
  readonly wrt?: W
  /** The function returns [loss, aux]; aux is handed out and not differentiated. */
  readonly hasAux?: Aux
}

type LossOf<Aux extends boolean> = Aux extends true ? readonly [Tensor | number, unknown] : Tensor | number
type ValueOf<R> = R extends readonly [unknown, infer X] ? readonly [Tensor, X] : Tensor
type AuxOf<R> = R extends readonly [unknown, infer X] ? X : never
type Argnums<A extends readonly unknown[]> = Argnum<A> | DiffState | readonly (Argnum<A> | DiffState)[]

interface Spec {
  readonly argnum: number
  readonly matches: FilterFn
}

const specsOf = (fn: string, argnums: unknown, wrt: Filter, count: number): readonly Spec[] => {
  const list = (Array.isArray(argnums) ? argnums : [argnums]) as readonly (number | DiffState)[]
  const specs = list.map((n): Spec =>
    n instanceof DiffState
      ? { argnum: n.argnum, matches: toPredicate(n.filter) }
      : { argnum: n, matches: toPredicate(wrt) },
  )
  specs.forEach(({ argnum }, i) => {
    if (!Number.isInteger(argnum) || argnum < 0 || argnum >= count)
      throw new RangeError(
        `${fn}: argnums must name arguments, got ${argnum} for a call with ${count} argument${count === 1 ? '' : 's'}`,
      )
    if (specs.findIndex((s) => s.argnum === argnum) !== i)
      throw new RangeError(`${fn}: argnum ${argnum} is repeated in argnums`)
  })
  return specs
}

const checkFloat = (fn: string, path: Path, value: unknown): Tensor => {
  if (!(value instanceof Tensor))
    throw new TypeError(
      `${fn}: the value at ${formatPath(path.slice(1))} of argument ${path[0]} is no tensor and has no derivative; leave it out with { wrt } or DiffState`,
    )
  if (!isFloat(value.dtype)) {
    const place = path.length > 1 ? ` at ${formatPath(path.slice(1))}` : ''
    throw new DtypeError(
      `${fn}: requires real-valued inputs (input dtype that is a sub-dtype of float), but got ${value.dtype} for argument ${path[0]}${place}; leave it out with { wrt } or DiffState`,
    )
  }
  return value
}

type Options = GradOptions<unknown, VariableClass, boolean>
type Fn = (...args: never[]) => unknown

const differentiate = (
  fn: 'grad' | 'valueAndGrad',
  f: Fn,
  options: Options,
  args: readonly unknown[],
): readonly [loss: Tensor | null, aux: unknown, grads: unknown] => {
  const argnums = options.argnums ?? 0
  const specs = specsOf(fn, argnums, options.wrt ?? Param, args.length)
  const extracted = extract(fn, args, (i) => specs.some((s) => s.argnum === i))
  const { given, outer, values: before } = extracted
  const { paths } = outer.graphdef
  const rawValues = putValues(before.shapes, before.tensors)
  const chosen = outer.leaves.flatMap((leaf, i) => {
    const spec = specs.find((s) => s.argnum === paths[i]![0])
    return spec !== undefined && isChosen(spec.matches, given, paths[i]!, leaf) ? [i] : []
  })
  const diff = chosen.map((i) => checkFloat(fn, paths[i]!, rawValues[i]))

  const positions = new Map(
    perTensor(
      outer.leaves.map((_, i) => i),
      before.shapes,
    ).map((leaf, t) => [leaf, t]),
  )
  let inside: Inside | undefined
  const body = (tracked: readonly Tensor[]): readonly [Tensor | number, readonly Tensor[]] => {
    const tensors = [...before.tensors]
    chosen.forEach((leaf, k) => (tensors[positions.get(leaf)!] = tracked[k]!))
    inside = runInside(extracted, f, tensors, {
      after: (_, out) => {
        if (options.hasAux === true && !(Array.isArray(out) && out.length === 2))
          throw new TypeError(
            `${fn}: with hasAux the function must return [loss, aux], got ${Array.isArray(out) ? `an array of ${out.length}` : typeof out}`,
          )
      },
    })
    if ((inside as unknown) instanceof Promise) return inside as never
    const { out, values } = inside
    return [(options.hasAux === true ? (out as readonly unknown[])[0] : out) as Tensor, values.tensors]
  }
  Object.defineProperty(body, 'name', { value: f.name })
  const { loss, tensors, gradients } = derive(fn, body, diff)
  const out = insert(extracted, inside!, tensors)
  const byLeaf = new Map(chosen.map((leaf, k) => [leaf, gradients[k]!]))
  const grads = specs.map((s) => mirror(given[s.argnum], [s.argnum], outer, byLeaf))
  return [
    loss,
    options.hasAux === true ? (out as readonly unknown[])[1] : undefined,
    Array.isArray(argnums) ? grads : grads[0],
  ]
}

type Body = (tracked: readonly Tensor[]) => readonly [Tensor | number, readonly Tensor[]]

/** The pure part, by the function of the same name, so that errors and labels name what was called. */
const derive = (
  fn: 'grad' | 'valueAndGrad',
  body: Body,
  diff: readonly Tensor[],
): { readonly loss: Tensor | null; readonly tensors: readonly Tensor[]; readonly gradients: readonly Tensor[] } => {
  if (fn === 'grad') {
    const [gradients, tensors] = pureGrad(body, { hasAux: true })(diff)
    return { loss: null, tensors, gradients }
  }
  const [[loss, tensors], gradients] = pureValueAndGrad(body, { hasAux: true })(diff)
  return { loss, tensors, gradients }
}

/**
 * Value and gradient of a scalar function of graphs: `[value, grads]`, with aux `[[value, aux], grads]`. With respect
 * to the Params of the first argument unless said otherwise; a module's gradient is a State. All other updates of
 * the arguments happen as in a plain call. Throws ShapeError for an output that is no scalar, DtypeError for integers.
 */
export const valueAndGrad =
  <
    A extends readonly unknown[],
    R extends LossOf<Aux>,
    const N extends Argnums<A> = 0 & Argnum<A>,
    W extends VariableClass = typeof Param,
    Aux extends boolean = false,
  >(
    f: (...args: A) => R,
    options: GradOptions<N, W, Aux> = {},
  ): ((...args: A) => readonly [ValueOf<R>, GradResult<A, N, InstanceOf<W>>]) =>
  (...args) => {
    const [loss, aux, grads] = differentiate('valueAndGrad', f, options, args)
    return [options.hasAux === true ? [loss, aux] : loss, grads] as never
  }

/** The gradient of a scalar function of graphs, with aux `[grads, aux]`; see `valueAndGrad`. */
export const grad =
  <
    A extends readonly unknown[],
    R extends LossOf<Aux>,
    const N extends Argnums<A> = 0 & Argnum<A>,
    W extends VariableClass = typeof Param,
    Aux extends boolean = false,
  >(
    f: (...args: A) => R,
    options: GradOptions<N, W, Aux> = {},
  ): ((
    ...args: A
  ) => Aux extends true ? readonly [GradResult<A, N, InstanceOf<W>>, AuxOf<R>] : GradResult<A, N, InstanceOf<W>>) =>
  (...args) => {
    const [, aux, grads] = differentiate('grad', f, options, args)
    return (options.hasAux === true ? [grads, aux] : grads) as never
  }
