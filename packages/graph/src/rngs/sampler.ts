import { random, type Tensor } from '@linum/tensor'
import { Pytree } from '../module.js'

type SamplerName =
  | 'bernoulli'
  | 'bits'
  | 'categorical'
  | 'choice'
  | 'exponential'
  | 'gumbel'
  | 'laplace'
  | 'normal'
  | 'permutation'
  | 'rademacher'
  | 'randint'
  | 'truncatedNormal'
  | 'uniform'

// One by one: a bundler keeps what is named and no more.
const samplers: Pick<typeof random, SamplerName> = {
  bernoulli: random.bernoulli,
  bits: random.bits,
  categorical: random.categorical,
  choice: random.choice,
  exponential: random.exponential,
  gumbel: random.gumbel,
  laplace: random.laplace,
  normal: random.normal,
  permutation: random.permutation,
  rademacher: random.rademacher,
  randint: random.randint,
  truncatedNormal: random.truncatedNormal,
  uniform: random.uniform,
}

/** What is left of a function of `random` once the key is given. */
type Keyless<F> = F extends (key: Tensor, ...rest: infer A) => infer R ? (...args: A) => R : never
type Samplers = { [K in SamplerName]: Keyless<(typeof random)[K]> }

export interface Sampler extends Samplers {}

/**
 * The common samplers of `random`, each call with a fresh key of a stream. The others, which a small program should not
 * have to carry, are `rngs.keyless(random.gamma)(a)` and so on.
 */
export abstract class Sampler extends Pytree {
  static {
    for (const [name, sample] of Object.entries(samplers)) {
      const f = sample as (key: Tensor, ...rest: readonly unknown[]) => Tensor
      Object.defineProperty(this.prototype, name, {
        value: function (this: Sampler, ...args: readonly unknown[]): Tensor {
          return f(this.draw(), ...args)
        },
        writable: true,
        configurable: true,
      })
    }
  }

  /** The next key. */
  protected abstract draw(): Tensor

  /** Any function of a key and more, such as an initializer, without the key: each call takes the next one. */
  keyless<A extends readonly unknown[], R>(f: (key: Tensor, ...args: A) => R): (...args: A) => R {
    return (...args) => f(this.draw(), ...args)
  }
}
