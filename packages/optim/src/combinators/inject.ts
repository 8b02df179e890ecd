import { ArrayOps, array, type DType, type Tensor, type TensorLike } from '@linum/tensor'
import { toTensor } from '@linum/tensor/core'
import { increment, zeroCount } from '../count.js'
import { widestFloat } from '../dtypes.js'
import { isPlain, type Level } from '../level.js'
import type { ScheduleFunction } from '../schedules/schedule.js'
import { type Extra, GradientTransformation, type TransformationState } from '../transformation.js'

export interface InjectOptions {
  /** Which arguments stay what they are: those that are not used as numbers, and functions that are no schedules. */
  readonly staticArgs?: string | readonly string[]
  /** In which dtype hyperparameters are kept; the widest float of the parameters if absent. */
  readonly hyperparamDtype?: DType | undefined
}

type Values = Readonly<Record<string, Tensor>>

interface InjectState {
  readonly count: Tensor
  readonly hyperparams: Values
  readonly hyperparamsStates: Readonly<Record<string, { readonly count: Tensor }>>
  readonly innerState: TransformationState
}

type Factory = (...args: readonly unknown[]) => GradientTransformation

const isNumeric = (x: unknown): x is number | ArrayOps => typeof x === 'number' || x instanceof ArrayOps

/** By which name the transformation knows its argument in that place: it keeps what it is given. */
const nameOf = (factory: Factory, args: readonly unknown[], place: number): string => {
  const mark = array(0.5)
  const made = factory(...args.map((x, i) => (i === place ? mark : x)))
  const found = Object.keys(made.hyperparameters).find((name) => made.hyperparameters[name] === mark)
  if (found !== undefined) return found
  throw new TypeError(
    `injectHyperparams: argument ${place + 1} has no name, got a function that makes '${made.name}', which does not keep it; let the function take one object, as in injectHyperparams(({ learningRate }) => ...)({ learningRate: 0.1 })`,
  )
}

interface Arguments {
  readonly numeric: Readonly<Record<string, number | ArrayOps>>
  readonly scheduled: Readonly<Record<string, ScheduleFunction>>
  readonly make: (values: Level) => GradientTransformation
}

const entriesOf = <T>(all: Level, is: (x: unknown) => x is T): Readonly<Record<string, T>> =>
  Object.fromEntries(Object.entries(all).filter((entry): entry is [string, T] => is(entry[1])))

const isFunction = (x: unknown): x is ScheduleFunction => typeof x === 'function'

const readArguments = (
  factory: Factory,
  args: readonly unknown[],
  made: GradientTransformation,
  isStatic: (name: string) => boolean,
): Arguments => {
  const last = args.at(-1)
  const options = isPlain(last) ? last : {}
  const positional = isPlain(last) ? args.slice(0, -1) : args
  const names = positional.map((x, i) => (isNumeric(x) || isFunction(x) ? nameOf(factory, args, i) : null))
  // Defaults are hyperparameters too.
  const known = { ...entriesOf(made.hyperparameters, isNumeric), ...options }
  const all = {
    ...known,
    ...Object.fromEntries(names.flatMap((name, i) => (name === null ? [] : [[name, positional[i]]]))),
  }
  const dynamic = Object.fromEntries(Object.entries(all).filter(([name]) => !isStatic(name)))
  return {
    numeric: entriesOf(dynamic, isNumeric),
    scheduled: entriesOf(dynamic, isFunction),
    make: (values) => {
      const named = Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)))
      return factory(...positional.map((x, i) => (names[i] !== null && names[i]! in values ? values[names[i]!] : x)), {
        ...options,
        ...named,
      })
    },
  }
}

/** A number, or what has its dtype from one, in that dtype; other tensors keep theirs. */
const settle = (x: TensorLike, dtype: DType): Tensor => {
  const t = toTensor('injectHyperparams', x)
  return t.weak ? t.astype(dtype) : t
}

const inject = (factory: Factory, args: readonly unknown[], options: InjectOptions): GradientTransformation => {
  const { staticArgs = [], hyperparamDtype } = options
  const fixed = new Set(typeof staticArgs === 'string' ? [staticArgs] : staticArgs)
  const inner = factory(...args)
  const { numeric, scheduled, make } = readArguments(factory, args, inner, (name) => fixed.has(name))
  const evaluate = (counts: InjectState['hyperparamsStates'], dtypeOf: (name: string) => DType): Values =>
    Object.fromEntries(
      Object.entries(scheduled).map(([name, schedule]) => [name, settle(schedule(counts[name]!.count), dtypeOf(name))]),
    )
  return new GradientTransformation(
    'injectHyperparams',
    { inner, staticArgs: [...fixed], hyperparamDtype },
    {
      init: (params) => {
        const dtype = hyperparamDtype ?? widestFloat(params)
        const hyperparamsStates = Object.fromEntries(
          Object.keys(scheduled).map((name) => [name, { count: zeroCount() }]),
        )
        const constants = Object.entries(numeric).map(([name, x]) => [name, settle(x, dtype)] as const)
        const hyperparams: Values = {
          ...Object.fromEntries(constants),
          ...evaluate(hyperparamsStates, () => dtype),
        }
        return { count: zeroCount(), hyperparams, hyperparamsStates, innerState: make(hyperparams).init(params) }
      },
      update: (updates, state: InjectState, params, extra: Extra) => {
        const hyperparams = {
          ...state.hyperparams,
          ...evaluate(state.hyperparamsStates, (name) => state.hyperparams[name]!.dtype),
        }
        const [next, innerState] = make(hyperparams).update(updates, state.innerState, params, extra)
        const counts = Object.entries(state.hyperparamsStates)
        return [
          next,
          {
            count: increment(state.count),
            hyperparams,
            hyperparamsStates: Object.fromEntries(
              counts.map(([name, { count }]) => [name, { count: increment(count) }]),
            ),
            innerState,
          },
        ]
      },
    },
  )
}

/**
 * A maker of transformations whose numbers are part of the state, under `hyperparams`, where they can be read and
 * replaced between steps: `injectHyperparams(adam)(1e-3)`. Schedules are evaluated at the number of steps done before
 * and are shown there too. Arguments that are used as something else than numbers must be listed in `staticArgs`.
 */
export const injectHyperparams =
  <A extends readonly unknown[]>(
    innerFactory: (...args: A) => GradientTransformation,
    options: InjectOptions = {},
  ): ((...args: A) => GradientTransformation) =>
  (...args) =>
    inject(innerFactory as unknown as Factory, args, options)
