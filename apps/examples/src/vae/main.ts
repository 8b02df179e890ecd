import { resolve } from 'node:path'
import { writeAtomic } from 'digits/dataset'
import { deviceOption, InputError, rate, seedOption, text, whole, withProgress } from 'digits/program'
import { random, Rngs } from 'linum'
import { readDigits } from '../digits.js'
import type { CommonOptions, Example } from '../example.js'
import { grouped, sizeOf } from '../sizes.js'
import { gridOf } from './grid.js'
import { Vae } from './model.js'
import { encodePng } from './png.js'
import { sample, train, type TrainOptions } from './train.js'

const columns = 12
const sizes = { hidden: 256, latent: 8 }

type Options = TrainOptions & { readonly out: string } & CommonOptions

/** A variational autoencoder that draws digits of its own. */
export const vae: Example<Options> = {
  options: {
    epochs: whole(30, [1, 1000], 'passes over the 8,000 training digits'),
    batch: whole(100, [1, 8000], 'digits per step'),
    lr: rate(0.001, 'learning rate'),
    out: text('vae.png', '<file>', 'where the picture goes'),
    seed: seedOption('weights, order and noise'),
    device: deviceOption,
  },
  run: async (options, { screen, signal }) => {
    const { epochs, out, seed } = options
    const digits = await readDigits(options.batch, { screen, signal })
    const model = new Vae(sizes, { rngs: new Rngs(seed) })
    screen.line(
      `A variational autoencoder of ${grouped(sizeOf(model))} parameters; ${sizes.latent} numbers stand for an image`,
    )
    const started = performance.now()
    await withProgress(screen.progress(epochs), signal, (progress) =>
      train(model, digits.train, options, { progress, signal }),
    )
    const seconds = (performance.now() - started) / 1000
    const { levels, width, height } = gridOf(await sample(model, columns ** 2, random.key(seed)), columns)
    const file = resolve(out)
    await writeAtomic(file, encodePng(levels, width, height)).catch((cause: Error) => {
      throw new InputError(`cannot write ${file}: ${cause.message}; name another file with --out`, { cause })
    })
    screen.line(`${columns ** 2} digits that nobody wrote are in ${file}, after ${seconds.toFixed(1)} s of training`)
  },
}
