import { type Layer, type Metadata, Module, type Param } from '@linum/graph'
import { broadcastTo, dotGeneral, DtypeError, take, type Tensor, type TensorLike } from '@linum/tensor'
import { dtypeCategory, literalLike, toTensor } from '@linum/tensor/core'
import type { Initializer } from './initializers/initializer.js'
import { varianceScaling } from './initializers/variance-scaling.js'
import { featureOperand } from './operand.js'
import { checkExtent, checkFloat, computation, parameterMaker, type ParameterOptions } from './parameter.js'
import { type FloatDType, promoted, type PromoteDtype, promoteDtype } from './promote-dtype.js'

export interface EmbedOptions extends ParameterOptions {
  /** Normal of variance 1 / features by default. */
  readonly embeddingInit?: Initializer
  readonly embeddingMetadata?: Metadata<Tensor>
}

const defaultEmbeddingInit = varianceScaling(1, 'fan_in', 'normal', { outAxis: 0 })

/** A learned vector for each of `numEmbeddings` integers. */
export class Embed extends Module implements Layer<TensorLike, Tensor> {
  /** [numEmbeddings, features]. */
  embedding: Param
  readonly numEmbeddings: number
  readonly features: number
  /** Of the vectors and of `attend`; that of the parameters by default. */
  declare readonly dtype: FloatDType
  declare readonly promoteDtype?: PromoteDtype

  constructor(numEmbeddings: number, features: number, options: EmbedOptions) {
    super()
    const makeParam = parameterMaker('Embed', options)
    this.numEmbeddings = checkExtent('Embed', 'numEmbeddings', numEmbeddings)
    this.features = checkExtent('Embed', 'features', features)
    this.embedding = makeParam(
      'embeddingInit',
      options.embeddingInit ?? defaultEmbeddingInit,
      [numEmbeddings, features],
      options.embeddingMetadata,
    )
    const dtype = options.dtype ?? checkFloat('Embed', 'embeddingInit', this.embedding.value.dtype)
    Object.assign(this, computation('Embed', { ...options, dtype }))
  }

  /**
   * The vectors of the integers x, in a new last axis. Negative ones count from the end; for those out of range the
   * vector is NaN, but a single embedding stands for all. Throws DtypeError where x is not of integers.
   */
  forward(x: TensorLike): Tensor {
    const t = typeof x === 'number' && Number.isInteger(x) ? literalLike(x, 'int32') : toTensor('Embed.forward', x)
    if (dtypeCategory(t.dtype) !== 'integer')
      throw new DtypeError(`Embed.forward: x must hold integers, got dtype ${t.dtype}; make it with { dtype: 'int32' }`)
    const { dtype, promoteDtype: promote = promoteDtype } = this
    const [embedding] = promote([this.embedding.asTensor()], { dtype, inexact: false })
    if (this.numEmbeddings === 1) return broadcastTo(embedding, [...t.shape, this.features])
    return take(embedding, t, { axis: 0 })
  }

  /**
   * The inner products of vectors [..., features] with all embeddings: [..., numEmbeddings], the logits of a model that
   * shares its weights.
   */
  attend(query: TensorLike): Tensor {
    const fn = 'Embed.attend'
    const [q, embedding] = promoted(fn, this, featureOperand(fn, query, this.features, 'features'), this.embedding)
    return dotGeneral(q, embedding, { contract: [[q.ndim - 1], [1]] })
  }
}
