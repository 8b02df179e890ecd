import {
  add,
  array,
  cond,
  div,
  type DType,
  equal,
  greater,
  logicalAnd,
  mod,
  sub,
  type Tensor,
  type TensorLike,
  where,
} from '@linum/tensor'
import { toTensor } from '@linum/tensor/core'
import { increment, zeroCount } from '../count.js'
import { align, mapLeaves, zerosLikeTree } from '../leaves.js'
import { rawTree } from '../raw.js'
import { isScheduled, type ScheduleFunction } from '../schedules/schedule.js'
import { type Extra, GradientTransformation, type TransformationState } from '../transformation.js'
import type { ShouldSkip } from './skip.js'

export interface MultiStepsOptions {
  /** Whether gradients are averaged, the default, or summed. */
  readonly useGradMean?: boolean
  /** Which gradients are left out; none if absent. */
  readonly shouldSkipUpdateFn?: ShouldSkip | undefined
  /** In which dtype gradients are collected; float32. */
  readonly accumulatorDtype?: DType
}

interface MultiStepsState {
  readonly miniStep: Tensor
  readonly gradientStep: Tensor
  readonly innerOptState: TransformationState
  readonly accGrads: unknown
  readonly skipState: TransformationState
}

interface Rules extends Required<Omit<MultiStepsOptions, 'shouldSkipUpdateFn'>> {
  readonly opt: GradientTransformation
  readonly everyK: (gradientStep: Tensor) => TensorLike
  readonly shouldSkip: ShouldSkip
}

const neverSkip: ShouldSkip = () => [array(false), {}]

type Step = readonly [updates: unknown, state: MultiStepsState]

const collect = (
  { opt, everyK, useGradMean, accumulatorDtype }: Rules,
  updates: unknown,
  state: MultiStepsState,
  params: unknown,
  extra: Extra,
): Step => {
  const k = toTensor('MultiSteps', everyK(state.gradientStep)).astype('int32')
  const {
    columns: [g, acc],
    build,
  } = align('MultiSteps', updates, state.accGrads)
  const n = state.miniStep.add(1)
  const sums = g!.map((x, i) => (useGradMean ? add(acc![i]!, div(sub(x, acc![i]!), n)) : add(x, acc![i]!)))
  const emit = equal(state.miniStep, k.sub(1))
  // The inner transformation runs at the steps that take effect alone.
  const [next, innerOptState] = cond(
    emit,
    () => opt.update(build(sums.map((x, i) => x.astype(g![i]!.dtype))), state.innerOptState, params, extra),
    () => [zerosLikeTree(updates), state.innerOptState] as const,
  )
  return [
    next,
    {
      miniStep: mod(increment(state.miniStep), k),
      gradientStep: where(emit, increment(state.gradientStep), state.gradientStep),
      innerOptState,
      accGrads: build(sums.map((x) => where(emit, 0, x).astype(accumulatorDtype))),
      skipState: state.skipState,
    },
  ]
}

const functions = (rules: Rules): ConstructorParameters<typeof GradientTransformation>[2] => ({
  init: (params) => ({
    miniStep: zeroCount(),
    gradientStep: zeroCount(),
    innerOptState: rules.opt.init(params),
    accGrads: zerosLikeTree(params, rules.accumulatorDtype),
    skipState: rules.shouldSkip(
      mapLeaves((x) => x.mul(0), rawTree(params)),
      zeroCount(),
      rawTree(params),
    )[1],
  }),
  update: (updates, state: MultiStepsState, params, extra) => {
    const [skip, skipState] = rules.shouldSkip(updates, state.gradientStep, params)
    if (skip.dtype !== 'bool' || skip.ndim !== 0)
      throw new TypeError(
        `MultiSteps: shouldSkipUpdateFn must return a boolean scalar first, got dtype ${skip.dtype} of ${skip.ndim} axes; reduce with any or all`,
      )
    const [next, collected] =
      rules.shouldSkip === neverSkip
        ? collect(rules, updates, state, params, extra)
        : cond(
            skip,
            (): Step => [zerosLikeTree(updates), state],
            () => collect(rules, updates, state, params, extra),
          )
    return [next, { ...collected, skipState }]
  },
})

/**
 * `opt` once every k steps, with the mean of the gradients since then; updates are 0 at the others. `everyKSchedule` is
 * k, or what it is by the number of times that `opt` has been called. It is a transformation itself.
 */
export class MultiSteps extends GradientTransformation {
  constructor(
    opt: GradientTransformation,
    everyKSchedule: number | ScheduleFunction,
    { useGradMean = true, shouldSkipUpdateFn, accumulatorDtype = 'float32' }: MultiStepsOptions = {},
  ) {
    if (typeof everyKSchedule === 'number' && (!Number.isInteger(everyKSchedule) || everyKSchedule < 1))
      throw new RangeError(
        `MultiSteps: expected a positive integer as number of steps, got ${everyKSchedule}; give how many gradients to collect`,
      )
    super(
      'MultiSteps',
      { opt, everyKSchedule, useGradMean, shouldSkipUpdateFn, accumulatorDtype },
      functions({
        opt,
        everyK: isScheduled(everyKSchedule) ? everyKSchedule : () => everyKSchedule,
        useGradMean,
        shouldSkip: shouldSkipUpdateFn ?? neverSkip,
        accumulatorDtype,
      }),
    )
  }

  /** Whether the last step changed the parameters. Takes the state, also that of an Optimizer. */
  hasUpdated(state: TransformationState): Tensor {
    const { miniStep, gradientStep } = rawTree(state) as MultiStepsState
    return logicalAnd(equal(miniStep, 0), greater(gradientStep, 0))
  }

  /** This: in Optax the two are different things. */
  gradientTransformation(): GradientTransformation {
    return this
  }
}
