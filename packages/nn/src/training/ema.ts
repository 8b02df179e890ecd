import {
  filterState,
  flatState,
  flatten,
  isState,
  Pytree,
  type SplitRngsOptions,
  state,
  unflatten,
  Variable,
} from '@linum/graph'
import { add, ArrayOps, DtypeError, multiply, ShapeError, StateError, type Tensor } from '@linum/tensor'
import { formatShape, isFloat, sameShape } from '@linum/tensor/core'

type Filter = NonNullable<SplitRngsOptions['only']>
type Path = readonly (string | number)[]

export interface EMAOptions {
  /** Which Variables to average; all by default. */
  readonly only?: Filter
}

/** Variables nested as they are in the model. */
export type Averages = Variable<Tensor> | { readonly [key: string]: Averages }

const id = (path: Path): string => JSON.stringify(path)
const show = (path: Path): string => (path.length === 0 ? 'the top' : `'${path.join('/')}'`)

/** The leaves of a graph or State that the filter takes, by path. */
const selected = (source: object, only: Filter): readonly (readonly [Path, unknown])[] => {
  const found: unknown = isState(source) ? filterState(source as never, only) : state(source, only)
  return found instanceof ArrayOps ? [[[], found]] : flatState<unknown>(found as object)
}

const checkAveraged = (path: Path, leaf: unknown): Variable<Tensor> => {
  if (!(leaf instanceof Variable))
    throw new TypeError(
      `EMA: only Variables can be averaged, got a Tensor at ${show(path)}; select Variables with { only: Param }`,
    )
  const { dtype } = leaf.asTensor()
  if (!isFloat(dtype))
    throw new DtypeError(
      `EMA: only floats can be averaged, got ${dtype} at ${show(path)}; select what is trained with { only: Param }`,
    )
  return leaf as Variable<Tensor>
}

const nest = (entries: readonly (readonly [Path, Variable<Tensor>])[]): Averages => {
  const root: Record<string, unknown> = {}
  for (const [path, variable] of entries) {
    if (path.length === 0) return variable
    let level = root
    for (const key of path.slice(0, -1)) level = (level[key] ??= {}) as Record<string, unknown>
    level[path.at(-1)!] = variable
  }
  return root as Averages
}

const flat = (averages: Averages, path: Path = []): readonly (readonly [Path, Variable<Tensor>])[] =>
  averages instanceof Variable
    ? [[path, averages]]
    : Object.entries(averages).flatMap(([key, value]) =>
        flat(value, [...path, /^(0|[1-9]\d*)$/.test(key) ? Number(key) : key]),
      )

/**
 * An exponential moving average of the parameters of a model, for evaluation: `update` blends in what the model has become,
 * `average = decay * average + (1 - decay) * value`. No gradient flows through it. Polyak and Juditsky 1992.
 */
export class EMA extends Pytree {
  readonly decay: number
  readonly only: Filter
  /** The averages, Variables of the types of the originals. */
  readonly params: Averages

  /** Begins with the values of a model, or of a State. Throws TypeError or DtypeError where a leaf has no average. */
  constructor(params: object, decay: number, { only = true }: EMAOptions = {}) {
    super()
    if (!(decay >= 0 && decay <= 1)) throw new RangeError(`EMA: decay must be a number from 0 to 1, got ${decay}`)
    const wanted = new Set(selected(params, only).map(([path]) => id(path)))
    const { graphdef, leaves } = flatten(params)
    this.decay = decay
    this.only = only
    this.params = nest(
      leaves.flatMap((leaf, i) => {
        const path = graphdef.paths[i]!
        return wanted.has(id(path)) ? [[path, checkAveraged(path, leaf).copy()] as const] : []
      }),
    )
  }

  /** Throws StateError where the selected leaves are not those of the constructor; then nothing has changed. */
  update(updates: object): void {
    const values = new Map(selected(updates, this.only).map(([path, leaf]) => [id(path), leaf]))
    const averages = flat(this.params)
    if (values.size !== averages.length || averages.some(([path]) => !values.has(id(path)))) {
      const known = new Set(averages.map(([path]) => id(path)))
      const missing = averages.filter(([path]) => !values.has(id(path))).map(([path]) => show(path))
      const extra = [...values.keys()].filter((key) => !known.has(key)).map((key) => show(JSON.parse(key) as Path))
      throw new StateError(
        `EMA.update: the updates must have the structure that the average was made of, got ${[...(missing.length > 0 ? [`nothing at ${missing.join(', ')}`] : []), ...(extra.length > 0 ? [`something at ${extra.join(', ')}`] : [])].join(' and ')}`,
      )
    }
    const next = averages.map(([path, average]) => {
      const value = (values.get(id(path)) as ArrayOps).asTensor()
      if (!sameShape(value.shape, average.shape))
        throw new ShapeError(
          `EMA.update: the value at ${show(path)} must have shape ${formatShape(average.shape)}, got ${formatShape(value.shape)}`,
        )
      return add(multiply(this.decay, average), multiply(1 - this.decay, value)).astype(average.dtype)
    })
    averages.forEach(([, average], i) => (average.value = next[i]!))
  }

  /**
   * A model like this one, of new objects, whose averaged Variables are those of `params`, so that it follows later updates.
   * Its other Variables are those of the model itself.
   */
  applyTo<M>(model: M): M {
    const averages = new Map(flat(this.params).map(([path, average]) => [id(path), average]))
    const { graphdef, leaves } = flatten(model)
    const paths = new Set(graphdef.paths.map(id))
    const missing = [...averages.keys()].filter((key) => !paths.has(key))
    if (missing.length > 0)
      throw new StateError(
        `EMA.applyTo: the model must have the structure that the average was made of, got nothing at ${missing.map((key) => show(JSON.parse(key) as Path)).join(', ')}`,
      )
    return unflatten(
      graphdef,
      leaves.map((leaf, i) => averages.get(id(graphdef.paths[i]!)) ?? leaf),
      { shareVariables: true },
    ) as M
  }
}
