import {
  type ArrayOps,
  expandDims,
  mean,
  mul,
  pow,
  square,
  sub,
  type Tensor,
  type TensorLike,
  zeros,
  zerosLike,
} from '@linum/tensor'
import { increment, zeroCount } from '../count.js'
import { align, mapLeaves } from '../leaves.js'
import { requireParams } from '../params.js'
import { GradientTransformation } from '../transformation.js'

export interface FactoredRmsOptions {
  /** False: the squares of every leaf are kept whole. */
  readonly factored?: boolean
  /** The decay at step t is 1 - t^-decayRate; 0.8. */
  readonly decayRate?: TensorLike
  /** The number of steps that do not count for the decay; 0. */
  readonly stepOffset?: TensorLike
  /** How long the second longest axis must be for a leaf to be factored; 128. */
  readonly minDimSizeToFactor?: number
  /** Added to the squares; 1e-30. */
  readonly epsilon?: TensorLike
}

interface FactoredState {
  readonly count: Tensor
  readonly vRow: unknown
  readonly vCol: unknown
  readonly v: unknown
}

type Axes = readonly [second: number, longest: number]

const factoredAxes = (shape: readonly number[], least: number): Axes | null => {
  const sorted = shape.map((_, i) => i).sort((a, b) => shape[a]! - shape[b]!)
  const [second, longest] = [sorted.at(-2), sorted.at(-1)]
  return second === undefined || longest === undefined || shape[second]! < least ? null : [second, longest]
}

const without = (shape: readonly number[], axis: number): readonly number[] => shape.filter((_, i) => i !== axis)

const blend = (old: ArrayOps, x: Tensor, decay: Tensor): Tensor =>
  mul(old, decay)
    .add(mul(x, sub(1, decay)))
    .astype(old.dtype)

/** g (row / mean row)^-½ col^-½: as if by the outer product of the averages of squares over either axis. */
const factoredUpdate = (g: ArrayOps, row: Tensor, col: Tensor, [d1, d0]: Axes): Tensor => {
  const rowMean = mean(row, { axis: d1 > d0 ? d1 - 1 : d1, keepdims: true })
  return mul(g, expandDims(pow(row.div(rowMean), -0.5), d0)).mul(expandDims(pow(col, -0.5), d1))
}

/**
 * Updates over the root of the average of their squares, of which large leaves keep only the means over their two
 * longest axes (Shazeer and Stern 2018). Needs `params` at `update`.
 */
export const scaleByFactoredRms = ({
  factored = true,
  decayRate = 0.8,
  stepOffset = 0,
  minDimSizeToFactor = 128,
  epsilon = 1e-30,
}: FactoredRmsOptions = {}): GradientTransformation => {
  const axesOf = (x: ArrayOps): Axes | null => (factored ? factoredAxes(x.shape, minDimSizeToFactor) : null)
  const nothing = (x: ArrayOps): Tensor => zeros([1], { dtype: x.dtype as 'float32' })
  const start =
    (axis: 0 | 1) =>
    (x: ArrayOps): Tensor => {
      const axes = axesOf(x)
      return axes === null ? nothing(x) : zeros(without(x.shape, axes[axis]), { dtype: x.dtype as 'float32' })
    }
  return new GradientTransformation(
    'scaleByFactoredRms',
    { factored, decayRate, stepOffset, minDimSizeToFactor, epsilon },
    {
      init: (params) => ({
        count: zeroCount(),
        vRow: mapLeaves(start(1), params),
        vCol: mapLeaves(start(0), params),
        v: mapLeaves((x) => (axesOf(x) === null ? zerosLike(x) : nothing(x)), params),
      }),
      update: (updates, state: FactoredState, params) => {
        const {
          columns: [g, rows, cols, whole, p],
          build,
        } = align(
          'scaleByFactoredRms',
          updates,
          state.vRow,
          state.vCol,
          state.v,
          requireParams('scaleByFactoredRms', params),
        )
        const t = sub(state.count, stepOffset).add(1).astype('float32')
        const decay = sub(1, pow(t, typeof decayRate === 'number' ? -decayRate : sub(0, decayRate)))
        const next = g!.map((x, i) => {
          const axes = axesOf(p![i]!)
          const squared = square(x).add(epsilon)
          const row = axes === null ? rows![i]! : blend(rows![i]!, mean(squared, { axis: axes[1] }), decay)
          const col = axes === null ? cols![i]! : blend(cols![i]!, mean(squared, { axis: axes[0] }), decay)
          const v = axes === null ? blend(whole![i]!, squared, decay) : whole![i]!
          const update = axes === null ? mul(x, pow(v, -0.5)) : factoredUpdate(x, row.asTensor(), col.asTensor(), axes)
          return { row, col, v, update }
        })
        return [
          build(next.map(({ update }) => update)),
          {
            count: increment(state.count),
            vRow: build(next.map(({ row }) => row)),
            vCol: build(next.map(({ col }) => col)),
            v: build(next.map(({ v }) => v)),
          },
        ]
      },
    },
  )
}
