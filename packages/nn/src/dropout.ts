import { type Layer, Module, Rngs, RngStream } from '@linum/graph'
import { divide, random, Tensor, type TensorLike, where, zerosLike } from '@linum/tensor'
import { checkAxis } from '@linum/tensor/core'
import { floatOperand } from './operand.js'

export interface DropoutOptions<R extends Rngs | RngStream | null = Rngs | RngStream | null> {
  /** Axes along which one draw holds for all elements. */
  readonly broadcastDims?: readonly number[]
  /** True: the layer does nothing. Null: every call must say. */
  readonly deterministic?: boolean | null
  /** The stream to draw from, where the Rngs has it; else the default one. */
  readonly rngCollection?: string
  /** A stream is drawn from whatever its name. */
  readonly rngs?: R
}

export interface DropoutCallOptions {
  /** In place of the layer's. */
  readonly deterministic?: boolean
  /** In place of the layer's; a key is used as it is. */
  readonly rngs?: Rngs | RngStream | Tensor
}

const show = (x: unknown): string =>
  typeof x === 'object' && x !== null ? (x.constructor?.name ?? 'an object') : String(x)

const checkRate = (rate: unknown): number => {
  if (typeof rate === 'number' && rate >= 0 && rate <= 1) return rate
  throw new RangeError(`Dropout: rate must be a number from 0 to 1, got ${show(rate)}`)
}

const checkRngs = <R>(rngs: R | null | undefined): R | null => {
  if (rngs === undefined || rngs === null) return null
  if (rngs instanceof Rngs || rngs instanceof RngStream) return rngs
  throw new TypeError(`Dropout: rngs must be an Rngs or an RngStream, got ${show(rngs)}; pass { rngs: new Rngs(0) }`)
}

const nextKey = (rngs: Rngs | RngStream | Tensor | null, collection: string): Tensor => {
  if (rngs instanceof Rngs) return rngs.key(collection)
  if (rngs instanceof RngStream) return rngs.next()
  if (rngs instanceof Tensor) return rngs
  if (rngs !== null)
    throw new TypeError(`Dropout.forward: rngs must be an Rngs, an RngStream or a random key, got ${show(rngs)}`)
  throw new TypeError(
    'Dropout.forward: `deterministic` is false, but `rngs` was given neither to the constructor nor to the call; pass { rngs: new Rngs(0) }, or call eval() on the model',
  )
}

/**
 * Sets elements to 0 with probability `rate` and divides the others by `1 - rate`, so that the expectation stays. Each
 * call takes one key. The layer keeps the Rngs that it is given, the very same object. Srivastava et al. 2014.
 */
export class Dropout<R extends Rngs | RngStream | null = Rngs | null>
  extends Module
  implements Layer<TensorLike, Tensor>
{
  readonly rate: number
  readonly broadcastDims: readonly number[]
  /** Set by `train` and `eval`. */
  deterministic: boolean | null
  readonly rngCollection: string
  rngs: R | null

  constructor(
    rate: number,
    { broadcastDims = [], deterministic = false, rngCollection = 'dropout', rngs }: DropoutOptions<R> = {},
  ) {
    super()
    this.rate = checkRate(rate)
    this.broadcastDims = broadcastDims
    this.deterministic = deterministic
    this.rngCollection = rngCollection
    this.rngs = checkRngs(rngs)
  }

  /** Throws TypeError where random keys are needed and there are none. */
  forward(x: TensorLike, options: DropoutCallOptions = {}): Tensor {
    const deterministic = options.deterministic ?? this.deterministic
    if (deterministic === null) {
      throw new TypeError(
        'Dropout.forward: `deterministic` was given neither to the constructor nor to the call; pass { deterministic }, or call train() or eval() on the model',
      )
    }
    const t = floatOperand('Dropout.forward', x)
    if (deterministic || this.rate === 0) return t
    if (this.rate === 1) return zerosLike(t)
    const key = nextKey(options.rngs ?? this.rngs, this.rngCollection)
    const shared = this.broadcastDims.map((axis) => checkAxis('Dropout.forward', axis, t.ndim))
    const keep = 1 - this.rate
    const mask = random.bernoulli(key, {
      p: keep,
      shape: t.shape.map((extent, axis) => (shared.includes(axis) ? 1 : extent)),
    })
    return where(mask, divide(t, keep), 0)
  }
}
