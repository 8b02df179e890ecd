import { cond, type Tensor, type TensorLike } from '@linum/tensor'
import { increment, zeroCount } from '../count.js'
import { zerosLikeTree } from '../leaves.js'
import { type Extra, GradientTransformation, type TransformationState } from '../transformation.js'

/** Whether a step is to be transformed, by the number of steps done before it. */
export type Condition = (step: Tensor, extra: Extra) => TensorLike

export interface ConditionalOptions {
  /** Whether the condition gets the extra arguments; false: it gets none. */
  readonly forwardExtraArgs?: boolean
}

interface ConditionalState {
  readonly innerState: TransformationState
  readonly step: Tensor
}

const conditional = (
  name: string,
  inner: GradientTransformation,
  condition: Condition,
  forwardExtraArgs: boolean,
  rejected: (updates: unknown) => unknown,
): GradientTransformation =>
  new GradientTransformation(
    name,
    { inner, condition, forwardExtraArgs },
    {
      init: (params) => ({ innerState: inner.init(params), step: zeroCount() }),
      update: (updates, { innerState, step }: ConditionalState, params, extra) => {
        const [next, state] = cond(
          condition(step, forwardExtraArgs ? extra : {}),
          () => inner.update(updates, innerState, params, extra),
          () => [rejected(updates), innerState] as const,
        )
        return [next, { innerState: state, step: increment(step) }]
      },
    },
  )

/** `inner` at the steps for which the condition holds; at the others updates pass through and its state stays. */
export const conditionallyTransform = (
  inner: GradientTransformation,
  shouldTransformFn: Condition,
  { forwardExtraArgs = false }: ConditionalOptions = {},
): GradientTransformation =>
  conditional('conditionallyTransform', inner, shouldTransformFn, forwardExtraArgs, (updates) => updates)

/** `inner` at the steps for which the condition holds; at the others updates are 0 and its state stays. */
export const conditionallyMask = (
  inner: GradientTransformation,
  shouldTransformFn: Condition,
  { forwardExtraArgs = false }: ConditionalOptions = {},
): GradientTransformation =>
  conditional('conditionallyMask', inner, shouldTransformFn, forwardExtraArgs, (updates) => zerosLikeTree(updates))
