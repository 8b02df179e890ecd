import { type Layer, type Metadata, Module, type Param } from '@linum/graph'
import { broadcastTo, dotGeneral, DtypeError, take, type Tensor, type TensorLike } from '@linum/tensor'
import { dtypeCategory, literalLike, toTensor } from '@linum/tensor/core'
import type { Initializer } from './initializers/initializer.js'
import { varianceScaling } from './initializers/variance-scaling.js'
import { featureOperand } from './operand.js'
import { checkExtent, parameterMaker, type ParameterOptions } from './parameter.js'

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
  }

  /**
   * The vectors of the integers x, in a new last axis. Negative ones count from the end; for those out of range the
   * vector is NaN, but a single embedding stands for all. Throws DtypeError where x is not of integers.
   */
  forward(x: TensorLike): Tensor {
    const t = typeof x === 'number' && Number.isInteger(x) ? literalLike(x, 'int32') : toTensor('Embed.forward', x)
    if (dtypeCategory(t.dtype) !== 'integer')
      throw new DtypeError(`Embed.forward: x must hold integers, got dtype ${t.dtype}; make it with { dtype: 'int32' }`)
    if (this.numEmbeddings === 1) return broadcastTo(this.embedding, [...t.shape, this.features])
    return take(this.embedding, t, { axis: 0 })
  }

  /**
   * The inner products of vectors [..., features] with all embeddings: [..., numEmbeddings], the logits of a model that
   * shares its weights.
   */
  attend(query: TensorLike): Tensor {
    const q = featureOperand('Embed.attend', query, this.features, 'features')
    return dotGeneral(q, this.embedding, { contract: [[q.ndim - 1], [1]] })
  }
}
