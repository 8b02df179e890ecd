import type { PrimitiveParams } from '@linum/tensor/core'
import { type Grid, size } from './grid.js'

/** A routine's own code, given double precision to compute in. */
export const routineRule = (xs: readonly Grid[], { routine, params }: PrimitiveParams['routine']): readonly Grid[] => {
  const ranks = routine.ranks(params as never)
  const cut = xs[0]!.shape.length - ranks[0]!
  const batch = xs[0]!.shape.slice(0, cut)
  const types = xs.map((x) => ({ shape: x.shape.slice(cut), dtype: 'float64' as const }))
  const results = routine.types(types, params as never)
  const outputs = results.map(({ shape }) => new Float64Array(size(batch) * size(shape)))
  const item = (data: Float64Array, shape: readonly number[], i: number): Float64Array =>
    data.subarray(i * size(shape), (i + 1) * size(shape))
  const inputs = xs.map((x) => Float64Array.from(x.data))
  for (let i = 0; i < size(batch); i++) {
    routine.compute(
      inputs.map((x, k) => item(x, types[k]!.shape, i)),
      outputs.map((x, k) => item(x, results[k]!.shape, i)),
      types,
      params as never,
    )
  }
  return results.map(({ shape }, k) => ({ shape: [...batch, ...shape], data: Array.from(outputs[k]!) }))
}
