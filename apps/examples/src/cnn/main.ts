import { deviceOption, percent, rate, seedOption, whole, withProgress } from 'digits/program'
import { Rngs } from 'linum'
import { readDigits } from '../digits.js'
import type { CommonOptions, Example } from '../example.js'
import { grouped, sizeOf } from '../sizes.js'
import { Cnn } from './model.js'
import { test, train, type TrainOptions } from './train.js'

/** A convolutional network that reads handwritten digits. */
export const cnn: Example<TrainOptions & CommonOptions> = {
  options: {
    epochs: whole(12, [1, 1000], 'passes over the 8,000 training digits'),
    batch: whole(100, [2, 8000], 'digits per step'),
    lr: rate(0.003, 'peak learning rate'),
    seed: seedOption('weights, order, shifts and dropout'),
    device: deviceOption,
  },
  run: async (options, { screen, signal }) => {
    const digits = await readDigits(options.batch, { screen, signal })
    const model = new Cnn({ channels: [16, 32], hidden: 128 }, { rngs: new Rngs(options.seed) })
    screen.line(`A convolutional network of ${grouped(sizeOf(model))} parameters`)
    const started = performance.now()
    await withProgress(screen.progress(options.epochs), signal, (progress) =>
      train(model, digits.train, options, { progress, signal }),
    )
    const seconds = (performance.now() - started) / 1000
    const accuracy = await test(model, digits.test, signal)
    screen.line(`Test accuracy ${percent(accuracy)} after ${seconds.toFixed(1)} s of training`)
  },
}
