import { pixels } from 'digits/dataset'
import { Linear, Module, nn, random, type Rngs, type Tensor } from 'linum'

/** How wide the layers are, and how many numbers describe an image. */
export type VaeSizes = { readonly hidden: number; readonly latent: number }

/** A normal distribution for each image: means and logarithms of variances, [n, latent] each. */
export type Latent = { readonly mean: Tensor; readonly logVar: Tensor }

/** From images [n, 784] to distributions of codes. */
class Encoder extends Module {
  readonly hidden: Linear
  readonly mean: Linear
  readonly logVar: Linear

  constructor({ hidden, latent }: VaeSizes, { rngs }: { readonly rngs: Rngs }) {
    super()
    this.hidden = new Linear(pixels, hidden, { rngs })
    this.mean = new Linear(hidden, latent, { rngs })
    this.logVar = new Linear(hidden, latent, { rngs })
  }

  forward(x: Tensor): Latent {
    const h = nn.gelu(this.hidden.forward(x))
    return { mean: this.mean.forward(h), logVar: this.logVar.forward(h) }
  }
}

/** From codes [n, latent] to images, as logits [n, 784]. */
class Decoder extends Module {
  readonly hidden: Linear
  readonly out: Linear

  constructor({ hidden, latent }: VaeSizes, { rngs }: { readonly rngs: Rngs }) {
    super()
    this.hidden = new Linear(latent, hidden, { rngs })
    this.out = new Linear(hidden, pixels, { rngs })
  }

  forward(z: Tensor): Tensor {
    return this.out.forward(nn.gelu(this.hidden.forward(z)))
  }
}

/** Describes an image by a few random numbers and draws it again from them. Kingma and Welling 2014. */
export class Vae extends Module {
  readonly encoder: Encoder
  readonly decoder: Decoder
  readonly rngs: Rngs

  constructor(sizes: VaeSizes, { rngs }: { readonly rngs: Rngs }) {
    super()
    this.encoder = new Encoder(sizes, { rngs })
    this.decoder = new Decoder(sizes, { rngs })
    this.rngs = rngs
  }

  forward(x: Tensor): Latent & { readonly logits: Tensor } {
    const { mean, logVar } = this.encoder.forward(x)
    // The noise comes from outside, so that gradients reach mean and variance: the reparameterisation.
    const noise = random.normal(this.rngs.key('noise'), mean.shape)
    return { mean, logVar, logits: this.decoder.forward(mean.add(noise.mul(logVar.mul(0.5).exp()))) }
  }
}
