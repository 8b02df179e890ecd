import { classes, pixels } from 'digits/dataset'
import { type Layer, Linear, LoRA, Module, nn, type Rngs, type Tensor } from 'linum'

/** A multilayer perceptron: reads [n, 784] grey levels, gives [n, 10] logits. */
export class Classifier extends Module {
  readonly layers: readonly Layer<Tensor, Tensor>[]

  constructor(layers: readonly Layer<Tensor, Tensor>[]) {
    super()
    this.layers = layers
  }

  forward(x: Tensor): Tensor {
    return this.layers.reduce((h, layer, i) => layer.forward(i === 0 ? h : nn.relu(h)), x)
  }
}

/** The layers of a network to be trained from scratch. */
export const freshLayers = (hidden: number, { rngs }: { readonly rngs: Rngs }): readonly Linear[] => [
  new Linear(pixels, hidden, { rngs }),
  new Linear(hidden, hidden, { rngs }),
  new Linear(hidden, classes, { rngs }),
]

/**
 * An adapter of low rank beside every layer. The layers stay what they are and where they are: these very objects are
 * part of the adapted network. Hu et al. 2021.
 */
export const adapted = (layers: readonly Linear[], rank: number, { rngs }: { readonly rngs: Rngs }): readonly LoRA[] =>
  layers.map((layer) => new LoRA(layer.inFeatures, rank, layer.outFeatures, { baseModule: layer, rngs }))
