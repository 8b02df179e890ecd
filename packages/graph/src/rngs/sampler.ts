import { random, type Tensor } from '@linum/tensor'
import { Pytree } from '../module.js'

/** What is left of a function of `random` once the key is given. */
type Rest<F> = F extends (key: never, ...rest: infer A) => unknown ? A : never

/** The samplers of `random`, each call with a fresh key of a stream. */
export abstract class Sampler extends Pytree {
  /** The next key. */
  protected abstract draw(): Tensor

  bits(...args: Rest<typeof random.bits>): Tensor {
    return random.bits(this.draw(), ...args)
  }
  uniform(...args: Rest<typeof random.uniform>): Tensor {
    return random.uniform(this.draw(), ...args)
  }
  normal(...args: Rest<typeof random.normal>): Tensor {
    return random.normal(this.draw(), ...args)
  }
  truncatedNormal(...args: Rest<typeof random.truncatedNormal>): Tensor {
    return random.truncatedNormal(this.draw(), ...args)
  }
  bernoulli(...args: Rest<typeof random.bernoulli>): Tensor {
    return random.bernoulli(this.draw(), ...args)
  }
  randint(...args: Rest<typeof random.randint>): Tensor {
    return random.randint(this.draw(), ...args)
  }
  exponential(...args: Rest<typeof random.exponential>): Tensor {
    return random.exponential(this.draw(), ...args)
  }
  gumbel(...args: Rest<typeof random.gumbel>): Tensor {
    return random.gumbel(this.draw(), ...args)
  }
  permutation(...args: Rest<typeof random.permutation>): Tensor {
    return random.permutation(this.draw(), ...args)
  }

  /** Any function of a key and more, such as an initializer, without the key: each call takes the next one. */
  keyless<A extends readonly unknown[], R>(f: (key: Tensor, ...args: A) => R): (...args: A) => R {
    return (...args) => f(this.draw(), ...args)
  }
}
