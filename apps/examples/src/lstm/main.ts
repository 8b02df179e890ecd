import { deviceOption, percent, rate, seedOption, whole, withProgress } from 'digits/program'
import { Rngs } from 'linum'
import { readDigits } from '../digits.js'
import type { CommonOptions, Example } from '../example.js'
import { grouped, sizeOf } from '../sizes.js'
import { RowReader } from './model.js'
import { test, train, type TrainOptions } from './train.js'

type Options = TrainOptions & { readonly hidden: number } & CommonOptions

/** A recurrent network that sees a digit as 28 rows, one after the other. */
export const lstm: Example<Options> = {
  options: {
    epochs: whole(12, [1, 1000], 'passes over the 8,000 training digits'),
    batch: whole(100, [2, 8000], 'digits per step'),
    lr: rate(0.005, 'peak learning rate'),
    hidden: whole(128, [1, 4096], 'numbers that the cell remembers'),
    seed: seedOption('weights, order and shifts'),
    device: deviceOption,
  },
  run: async (options, { screen, signal }) => {
    const digits = await readDigits(options.batch, { screen, signal })
    const model = new RowReader(options.hidden, { rngs: new Rngs(options.seed) })
    screen.line(`An LSTM of ${grouped(sizeOf(model))} parameters`)
    const started = performance.now()
    await withProgress(screen.progress(options.epochs), signal, (progress) =>
      train(model, digits.train, options, { progress, signal }),
    )
    const seconds = (performance.now() - started) / 1000
    const accuracy = await test(model, digits.test, signal)
    screen.line(`Test accuracy ${percent(accuracy)} after ${seconds.toFixed(1)} s of training`)
  },
}
