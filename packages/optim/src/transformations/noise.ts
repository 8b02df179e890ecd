import { add, div, mul, pow, random, sqrt, type Tensor, type TensorLike } from '@linum/tensor'
import { increment, zeroCount } from '../count.js'
import { align } from '../leaves.js'
import { GradientTransformation } from '../transformation.js'

interface NoiseState {
  readonly count: Tensor
  readonly rngKey: Tensor
}

/**
 * Updates plus normal noise of variance eta / t^gamma, where t counts from 1 (Neelakantan et al. 2014). `key` is a
 * random key or the seed of one; each step draws from a part of it split off.
 */
export const addNoise = (eta: TensorLike, gamma: TensorLike, key: Tensor | number = 0): GradientTransformation =>
  new GradientTransformation(
    'addNoise',
    { eta, gamma, key },
    {
      init: () => ({ count: zeroCount(), rngKey: typeof key === 'number' ? random.key(key) : key }),
      update: (updates, state: NoiseState) => {
        const {
          columns: [g],
          build,
        } = align('addNoise', updates)
        const count = increment(state.count)
        const deviation = sqrt(div(eta, pow(count.astype('float32'), gamma)))
        const keys = random.split(state.rngKey)
        const each = random.split(keys.slice(1), Math.max(g!.length, 1))
        const out = g!.map((x, i) =>
          add(x, mul(deviation, random.normal(each.slice(i), x.shape, { dtype: x.dtype as 'float32' }))),
        )
        return [build(out), { count, rngKey: keys.slice(0) }]
      },
    },
  )
