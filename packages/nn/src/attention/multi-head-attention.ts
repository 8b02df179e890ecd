import { type Cache, type Metadata, Module, Rngs, RngStream } from '@linum/graph'
import { ArrayOps, type DType, type Shape, ShapeError, Tensor, type TensorLike } from '@linum/tensor'
import { formatShape } from '@linum/tensor/core'
import { zeros } from '../initializers/constant.js'
import type { Initializer } from '../initializers/initializer.js'
import { defaultKernelInit } from '../linear.js'
import { LinearGeneral } from '../linear-general.js'
import { LayerNorm } from '../normalization/layer-norm.js'
import { numberOperand } from '../operand.js'
import { checkExtent, checkRngs, type ParameterOptions } from '../parameter.js'
import type { FloatDType } from '../promote-dtype.js'
import { decodeStep, type DecodeStep, emptyCache } from './decode-cache.js'
import { type AttentionFunction, dotProductAttention } from './dot-product-attention.js'

export interface MultiHeadAttentionOptions extends ParameterOptions {
  /** The features of queries, keys and values of all heads together; `inFeatures` by default. */
  readonly qkvFeatures?: number
  /** `inFeatures` by default. */
  readonly outFeatures?: number
  /** How many heads keys and values have, a divisor of `numHeads`, which is the default. */
  readonly numKvHeads?: number
  /** The features of the inputs for keys and values; `inFeatures` by default. */
  readonly inKvFeatures?: number
  /** The share of weights that are set to 0; 0 by default. */
  readonly dropoutRate?: number
  /** One dropout mask for all batches and heads; true by default. */
  readonly broadcastDropout?: boolean
  /** True: no dropout. Null, the default: with a dropout rate every call must say. */
  readonly deterministic?: boolean | null
  /** True: one position per call, with what earlier calls have cached. Null: every call must say. */
  readonly decode?: boolean | null
  /** Layer norms of queries and keys, without bias. Dehghani et al. 2023. */
  readonly normalizeQk?: boolean
  /** Whether dropout draws from `rngs` where a call gives none; true by default. */
  readonly keepRngs?: boolean
  readonly useBias?: boolean
  /** `lecunNormal()` by default. */
  readonly kernelInit?: Initializer
  /** `kernelInit` by default. */
  readonly outKernelInit?: Initializer
  /** `zeros` by default. */
  readonly biasInit?: Initializer
  /** `biasInit` by default. */
  readonly outBiasInit?: Initializer
  /** `dotProductAttention` by default. */
  readonly attentionFn?: AttentionFunction
  readonly kernelMetadata?: Metadata<Tensor>
  readonly outKernelMetadata?: Metadata<Tensor>
  readonly biasMetadata?: Metadata<Tensor>
  readonly outBiasMetadata?: Metadata<Tensor>
  readonly queryLnScaleMetadata?: Metadata<Tensor>
  readonly keyLnScaleMetadata?: Metadata<Tensor>
}

export interface MultiHeadAttentionCallOptions {
  /** Where it is false or 0 a query does not see the key; broadcasts to [...batch, heads, q, k]. */
  readonly mask?: TensorLike | null
  /** Whether queries see only keys at their own position and before it. */
  readonly isCausal?: boolean
  /** In place of the layer's. */
  readonly deterministic?: boolean
  /** In place of the layer's; a key is used as it is. */
  readonly rngs?: Rngs | RngStream | Tensor
  /** Notes the weights as an Intermediate `attentionWeights`. */
  readonly sowWeights?: boolean
  /** In place of the layer's. */
  readonly decode?: boolean
}

const layer = 'MultiHeadAttention'
const fn = `${layer}.forward`

const checkDivides = (what: string, n: number, by: string, divisor: number): number => {
  if (n % divisor === 0) return n / divisor
  throw new RangeError(
    `${layer}: ${what} (${n}) must be divisible by ${by} (${divisor}), got a remainder of ${n % divisor}`,
  )
}

const checkFeatures = (x: TensorLike, argument: string, extent: number, parameter: string): Tensor => {
  const t = numberOperand(fn, x)
  if (t.ndim >= 2 && t.shape.at(-1) === extent) return t
  throw new ShapeError(
    `${fn}: ${argument} must have shape [...batch, length, ${extent}] (${parameter}), got shape ${formatShape(t.shape)}`,
  )
}

const isInput = (x: unknown): x is TensorLike => x instanceof ArrayOps || typeof x === 'number'

/** Inputs, then options: those that are left out are null. */
type CallArguments = readonly (TensorLike | MultiHeadAttentionCallOptions | null | undefined)[]

const takeApart = (
  args: CallArguments,
): { readonly inputs: readonly (TensorLike | null)[]; readonly options: MultiHeadAttentionCallOptions } => {
  const last = args.at(-1)
  const hasOptions = typeof last === 'object' && last !== null && !isInput(last)
  const inputs = (hasOptions ? args.slice(0, -1) : args).map((x) => (x === undefined ? null : (x as TensorLike | null)))
  return { inputs, options: hasOptions ? last : {} }
}

const missing = (flag: 'decode' | 'deterministic', remedy: string): TypeError =>
  new TypeError(
    `${fn}: \`${flag}\` was given neither to the constructor nor to the call, got null; pass { ${flag} }${remedy}`,
  )

/**
 * Attention with several heads, each of which projects the inputs for itself: `forward(query, key, value, options)`, each
 * [...batch, length, features]. Keys are the queries where they are left out, and values the keys. With `numKvHeads`
 * neighbouring heads share keys and values. `initCache` prepares for decoding one position after the other.
 * Vaswani et al. 2017.
 */
export class MultiHeadAttention extends Module {
  readonly numHeads: number
  readonly numKvHeads: number
  readonly inFeatures: number
  readonly inKvFeatures: number
  readonly qkvFeatures: number
  readonly outFeatures: number
  readonly headDim: number
  /** The dtype of the computation; null for the common one of inputs and parameters. */
  readonly dtype: FloatDType | null
  readonly dropoutRate: number
  readonly broadcastDropout: boolean
  readonly normalizeQk: boolean
  readonly useBias: boolean
  readonly attentionFn: AttentionFunction
  /** Set by `train` and `eval`. */
  deterministic: boolean | null
  decode: boolean | null
  query: LinearGeneral
  key: LinearGeneral
  value: LinearGeneral
  queryLn: LayerNorm | null
  keyLn: LayerNorm | null
  out: LinearGeneral
  /** What dropout draws from: the Rngs that the layer was given. */
  rngs: Rngs | null
  /** [...batch, length, numKvHeads, headDim]; null before `initCache`, as are the others. */
  cachedKey: Cache | null = null
  cachedValue: Cache | null = null
  cacheIndex: Cache | null = null

  constructor(numHeads: number, inFeatures: number, options: MultiHeadAttentionOptions) {
    super()
    const rngs = checkRngs(layer, options?.rngs)
    const {
      qkvFeatures = inFeatures,
      outFeatures = inFeatures,
      numKvHeads = numHeads,
      inKvFeatures = inFeatures,
    } = options
    const { kernelInit = defaultKernelInit, biasInit = zeros, useBias = true, dropoutRate = 0 } = options
    this.numHeads = checkExtent(layer, 'numHeads', numHeads)
    this.inFeatures = checkExtent(layer, 'inFeatures', inFeatures)
    this.qkvFeatures = checkExtent(layer, 'qkvFeatures', qkvFeatures)
    this.outFeatures = checkExtent(layer, 'outFeatures', outFeatures)
    this.numKvHeads = checkExtent(layer, 'numKvHeads', numKvHeads)
    this.inKvFeatures = checkExtent(layer, 'inKvFeatures', inKvFeatures)
    checkDivides('numHeads', numHeads, 'numKvHeads', numKvHeads)
    this.headDim = checkDivides('qkvFeatures', qkvFeatures, 'numHeads', numHeads)
    if (!(dropoutRate >= 0 && dropoutRate <= 1))
      throw new RangeError(`${layer}: dropoutRate must be a number from 0 to 1, got ${dropoutRate}`)
    this.dtype = options.dtype ?? null
    this.dropoutRate = dropoutRate
    this.broadcastDropout = options.broadcastDropout ?? true
    this.normalizeQk = options.normalizeQk ?? false
    this.useBias = useBias
    this.attentionFn = options.attentionFn ?? dotProductAttention
    this.deterministic = options.deterministic ?? null
    this.decode = options.decode === undefined ? false : options.decode

    const { paramDtype = 'float32', dtype = null, promoteDtype } = options
    const shared = { rngs, paramDtype, dtype, ...(promoteDtype && { promoteDtype }) }
    const { kernelMetadata = {}, biasMetadata = {} } = options
    const project = (from: number, heads: number): LinearGeneral =>
      new LinearGeneral(from, [heads, this.headDim], {
        ...shared,
        useBias,
        kernelInit,
        biasInit,
        kernelMetadata,
        biasMetadata,
      })
    this.query = project(inFeatures, numHeads)
    this.key = project(inKvFeatures, numKvHeads)
    this.value = project(inKvFeatures, numKvHeads)
    const norm = (scaleMetadata: Metadata<Tensor> = {}): LayerNorm =>
      new LayerNorm(this.headDim, { ...shared, useBias: false, scaleMetadata })
    this.queryLn = this.normalizeQk ? norm(options.queryLnScaleMetadata) : null
    this.keyLn = this.normalizeQk ? norm(options.keyLnScaleMetadata) : null
    this.out = new LinearGeneral([numHeads, this.headDim], outFeatures, {
      ...shared,
      axis: [-2, -1],
      useBias,
      kernelInit: options.outKernelInit ?? kernelInit,
      biasInit: options.outBiasInit ?? biasInit,
      kernelMetadata: options.outKernelMetadata ?? kernelMetadata,
      biasMetadata: options.outBiasMetadata ?? biasMetadata,
    })
    this.rngs = (options.keepRngs ?? true) && dropoutRate > 0 ? rngs : null
  }

  /**
   * Throws ShapeError where an input or the mask does not fit, TypeError where nothing says whether to drop or to decode,
   * where dropout has no random keys, or where decoding has no cache.
   */
  forward(
    query: TensorLike,
    key: TensorLike | null | undefined,
    value: TensorLike | null | undefined,
    options?: MultiHeadAttentionCallOptions,
  ): Tensor
  forward(query: TensorLike, key: TensorLike | null | undefined, options?: MultiHeadAttentionCallOptions): Tensor
  forward(query: TensorLike, options?: MultiHeadAttentionCallOptions): Tensor
  forward(...args: CallArguments): Tensor {
    const { inputs, options } = takeApart(args)
    const [queryInput, keyInput = null, valueInput = null] = inputs
    if (keyInput === null && valueInput !== null)
      throw new TypeError(
        `${fn}: key must be given where value is, got ${String(keyInput)}; to use one input for both, pass it as key and leave out value`,
      )
    const q = checkFeatures(queryInput as TensorLike, 'query', this.inFeatures, 'inFeatures')
    const k = checkFeatures(keyInput ?? q, 'key', this.inKvFeatures, 'inKvFeatures')
    const v = checkFeatures(valueInput ?? k, 'value', this.inKvFeatures, 'inKvFeatures')
    const decode = options.decode ?? this.decode
    if (decode === null) throw missing('decode', '')
    const queries = this.query.forward(q)
    const query = this.queryLn === null ? queries : this.queryLn.forward(queries)
    const keys = this.key.forward(k)
    const projected = { key: this.keyLn === null ? keys : this.keyLn.forward(keys), value: this.value.forward(v) }
    const mask = options.mask ?? null
    const step = decode ? this.decodeStep(projected.key, projected.value, mask) : null
    const seen = step ?? projected
    const dropoutRng = this.dropoutKey(options)
    const { attentionFn } = this
    const x = attentionFn(query, seen.key, seen.value, {
      mask: step === null ? mask : step.mask,
      isCausal: options.isCausal ?? false,
      dropoutRate: this.dropoutRate,
      broadcastDropout: this.broadcastDropout,
      deterministic: dropoutRng === null,
      dropoutRng,
      dtype: this.dtype,
      module: options.sowWeights === true ? this : null,
    })
    const out = this.out.forward(x)
    step?.keep()
    return out
  }

  /**
   * Prepares for decoding: empty keys and values for inputs of shape [...batch, length, features], of which each call takes
   * one position. Calls beyond the length overwrite the last position.
   */
  initCache(inputShape: Shape, { dtype = 'float32' }: { readonly dtype?: DType } = {}): void {
    if (inputShape.length < 2)
      throw new ShapeError(
        `${layer}.initCache: inputShape must be [...batch, length, features], got ${formatShape(inputShape)}`,
      )
    const cache = emptyCache([...inputShape.slice(0, -1), this.numKvHeads, this.headDim], dtype)
    this.cachedKey = cache.key
    this.cachedValue = cache.value
    this.cacheIndex = cache.index
  }

  private decodeStep(key: Tensor, value: Tensor, mask: TensorLike | null): DecodeStep {
    const { cachedKey, cachedValue, cacheIndex } = this
    if (cachedKey === null || cachedValue === null || cacheIndex === null)
      throw new TypeError(`${fn}: decoding needs a cache, got none; call initCache([...batch, length, features]) first`)
    return decodeStep(fn, { key: cachedKey, value: cachedValue, index: cacheIndex }, key, value, mask)
  }

  /** The key for dropout, or null where there is none. */
  private dropoutKey(options: MultiHeadAttentionCallOptions): Tensor | null {
    if (this.dropoutRate === 0) return null
    const deterministic = options.deterministic ?? this.deterministic
    if (deterministic === null) throw missing('deterministic', ', or call train() or eval() on the model')
    if (deterministic) return null
    const rngs: unknown = options.rngs ?? this.rngs
    if (rngs instanceof Rngs) return rngs.key('dropout')
    if (rngs instanceof RngStream) return rngs.next()
    if (rngs instanceof Tensor) return rngs
    throw new TypeError(
      `${fn}: rngs must be an Rngs, an RngStream or a random key, got ${rngs === null ? 'none, and the layer keeps none' : typeof rngs}; pass { rngs: new Rngs(0) }, or call eval() on the model`,
    )
  }
}
