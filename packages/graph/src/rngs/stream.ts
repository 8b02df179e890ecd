import { broadcastTo, random, Tensor, zeros } from '@linum/tensor'
import { RngCount, RngKey } from '../variable/classes.js'
import { checkMutable } from '../variable/variable.js'
import { Sampler } from './sampler.js'

/** What a stream starts from: an integer, or a key (of any shape: one stream for each). */
export type Seed = number | Tensor

/** How many keys to split into: a number or a shape. */
export type Splits = number | readonly number[]

/** The key that a seed stands for. Throws TypeError for what is no seed. */
export const toKey = (seed: Seed): Tensor => {
  if (typeof seed === 'number') return random.key(seed)
  if (seed instanceof Tensor && seed.dtype === 'key') return seed
  if (seed instanceof Tensor && seed.dtype === 'uint32' && seed.shape.at(-1) === 2) return random.wrapKeyData(seed)
  const got = seed instanceof Tensor ? `a Tensor of dtype '${seed.dtype}'` : String(seed)
  throw new TypeError(`Invalid rng value: ${got}, expected an integer or a Tensor of dtype 'key'; use random.key(seed)`)
}

/** Random keys by name: the n-th is `foldIn(key, n)`. `key` never changes, `count` grows. */
export class RngStream extends Sampler {
  readonly tag: string
  readonly key: RngKey
  readonly count: RngCount

  constructor(seed: Seed, { tag }: { readonly tag: string }) {
    super()
    const key = toKey(seed)
    this.tag = tag
    this.key = new RngKey(key, { tag })
    this.count = new RngCount(zeros(key.shape, { dtype: 'uint32' }), { tag })
  }

  /** A fresh key. Throws TraceError where the stream was created outside the running transform. */
  next(): Tensor {
    checkMutable(this.count)
    const key = random.foldIn(this.key.value, this.count.value)
    this.count.update((count) => count.add(1))
    return key
  }

  protected override draw(): Tensor {
    return this.next()
  }

  /** A stream of the same key and count, which draws the same keys. */
  copy(): RngStream {
    const stream = new RngStream(this.key.value, { tag: this.tag })
    stream.count.value = this.count.value
    return stream
  }

  /** A stream of its own that starts from the next key. */
  fork(): RngStream {
    return new RngStream(this.next(), { tag: this.tag })
  }

  /** As many streams in one, from the next key: `key` and `count` have that shape. */
  split(splits: Splits): RngStream {
    return new RngStream(random.split(this.next(), splits), { tag: this.tag })
  }

  /** The next key repeated: streams that agree. */
  broadcast(splits: Splits): RngStream {
    const key = this.next()
    const shape = typeof splits === 'number' ? [splits] : splits
    return new RngStream(broadcastTo(key, [...shape, ...key.shape]), { tag: this.tag })
  }
}
