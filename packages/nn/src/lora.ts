import { type Layer, LoRAParam, type Metadata, Module, type Variable } from '@linum/graph'
import { add, matmul, type Tensor, type TensorLike } from '@linum/tensor'
import type { Initializer } from './initializers/initializer.js'
import { zeros } from './initializers/constant.js'
import { heUniform } from './initializers/variance-scaling.js'
import { Linear, type LinearOptions } from './linear.js'
import { featureOperand } from './operand.js'
import { checkExtent, checkFloat, checkRngs, computation, initialValue, type ParameterOptions } from './parameter.js'
import { type FloatDType, promoted, type PromoteDtype } from './promote-dtype.js'

/** What makes the Variables of an adapter. */
export type LoRAParamType<V extends Variable> = new (value: Tensor, metadata?: Metadata<Tensor>) => V

/** The matrices of an adapter. */
export interface AdapterOptions<V extends Variable = LoRAParam> {
  /** `heUniform()` by default. */
  readonly aInitializer?: Initializer
  /** `zeros` by default, so that an adapter changes nothing at first. */
  readonly bInitializer?: Initializer
  /** The class of both Variables, `LoRAParam` by default. */
  readonly loraParamType?: LoRAParamType<V>
  readonly aMetadata?: Metadata<Tensor>
  readonly bMetadata?: Metadata<Tensor>
}

/** What an adapter may stand beside. */
export interface Adapted {
  forward(x: Tensor, ...rest: never[]): TensorLike
}

export interface LoRAOptions<V extends Variable = LoRAParam> extends ParameterOptions, AdapterOptions<V> {
  /** What the adapter is added to. */
  readonly baseModule?: Adapted | null
}

const defaultA = heUniform()

/**
 * A low-rank adapter: `x @ loraA @ loraB`, added to what its base module, if it has one, makes of x. To train the
 * adapter alone, differentiate and optimize with respect to `LoRAParam`. Hu et al. 2021.
 */
export class LoRA<V extends Variable = LoRAParam> extends Module implements Layer<TensorLike, Tensor> {
  /** [inFeatures, rank]. */
  loraA: V
  /** [rank, outFeatures]. */
  loraB: V
  baseModule: Adapted | null
  readonly inFeatures: number
  readonly outFeatures: number
  declare readonly dtype: FloatDType | null
  declare readonly promoteDtype?: PromoteDtype

  constructor(inFeatures: number, loraRank: number, outFeatures: number, options: LoRAOptions<V>) {
    super()
    const rngs = checkRngs('LoRA', options?.rngs)
    const dtype = checkFloat('LoRA', 'paramDtype', options.paramDtype ?? 'float32')
    const { aInitializer = defaultA, bInitializer = zeros, baseModule = null } = options
    const Type = options.loraParamType ?? (LoRAParam as unknown as LoRAParamType<V>)
    const rank = checkExtent('LoRA', 'loraRank', loraRank)
    const make = (option: string, init: Initializer, shape: readonly number[], metadata?: Metadata<Tensor>): V =>
      new Type(initialValue('LoRA', option, init, rngs.key('params'), shape, dtype), metadata)
    this.inFeatures = checkExtent('LoRA', 'inFeatures', inFeatures)
    this.outFeatures = checkExtent('LoRA', 'outFeatures', outFeatures)
    if (baseModule !== null && typeof baseModule.forward !== 'function')
      throw new TypeError(`LoRA: baseModule must have a method \`forward\`, got ${typeof baseModule}`)
    this.baseModule = baseModule
    this.loraA = make('aInitializer', aInitializer, [inFeatures, rank], options.aMetadata)
    this.loraB = make('bInitializer', bInitializer, [rank, outFeatures], options.bMetadata)
    Object.assign(this, computation('LoRA', options))
  }

  /** Arguments after x go to the base module. Throws ShapeError where the last axis of x is not `inFeatures`. */
  forward(x: TensorLike, ...rest: readonly unknown[]): Tensor {
    const fn = 'LoRA.forward'
    const checked = featureOperand(fn, x, this.inFeatures, 'inFeatures')
    const matrices: readonly [Variable, Variable] = [this.loraA, this.loraB]
    const [t, a, b] = promoted(fn, this, checked, ...matrices)
    const y = matmul(matmul(t, a), b)
    return this.baseModule === null ? y : add(y, this.baseModule.forward(t, ...(rest as never[])))
  }
}

export interface LoRALinearOptions<V extends Variable = LoRAParam> extends LinearOptions, AdapterOptions<V> {
  readonly loraRank: number
  /** The dtype that the adapter computes in. */
  readonly loraDtype?: FloatDType | null
  /** The dtype of the adapter's matrices, float32 by default. */
  readonly loraParamDtype?: FloatDType
  readonly loraPromoteDtype?: PromoteDtype
}

/** A `Linear` with an adapter beside it: its own state has the paths of a Linear, that of the adapter lies under `lora`. */
export class LoRALinear<V extends Variable = LoRAParam> extends Linear {
  lora: LoRA<V>

  constructor(din: number, dout: number, options: LoRALinearOptions<V>) {
    super(din, dout, options)
    const { loraRank, loraDtype = null, loraParamDtype = 'float32', loraPromoteDtype, rngs } = options
    const { dtype: _, paramDtype: __, promoteDtype: ___, ...own } = options
    this.lora = new LoRA(din, loraRank, dout, {
      ...own,
      rngs,
      dtype: loraDtype,
      paramDtype: loraParamDtype,
      ...(loraPromoteDtype === undefined ? {} : { promoteDtype: loraPromoteDtype }),
    })
  }

  /** Throws ShapeError where the last axis of x is not `inFeatures`. */
  override forward(x: TensorLike): Tensor {
    return add(super.forward(x), this.lora.forward(x))
  }
}
