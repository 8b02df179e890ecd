import { deviceOption, percent, rate, seedOption, TrainingError, whole, withProgress } from 'digits/program'
import { LoRAParam, Param, Rngs } from 'linum'
import { readDigits } from '../digits.js'
import type { CommonOptions, Example } from '../example.js'
import { grouped, sizeOf } from '../sizes.js'
import { adapted, Classifier, freshLayers } from './model.js'
import { test, train, type TrainOptions } from './train.js'
import { turned } from './turned.js'
import { bytesOf, frozen } from './weights.js'

type Options = Omit<TrainOptions, 'wrt'> & { readonly rank: number } & CommonOptions

/** A trained network learns turned digits through adapters of low rank, while its own parameters stay as they are. */
export const lora: Example<Options> = {
  options: {
    epochs: whole(8, [1, 1000], 'passes over the 8,000 training digits, upright and then turned'),
    batch: whole(100, [2, 8000], 'digits per step'),
    lr: rate(0.003, 'learning rate at first'),
    rank: whole(8, [1, 128], 'rank of the adapters'),
    seed: seedOption('weights, order and shifts'),
    device: deviceOption,
  },
  run: async (options, { screen, signal }) => {
    const digits = await readDigits(options.batch, { screen, signal })
    const sideways = { train: turned(digits.train), test: turned(digits.test) }
    const rngs = new Rngs(options.seed)
    const layers = freshLayers(256, { rngs })
    const base = new Classifier(layers)

    screen.line(`Upright digits: all ${grouped(sizeOf(base))} parameters are trained`)
    await withProgress(screen.progress(options.epochs), signal, (progress) =>
      train(base, digits.train, { ...options, wrt: Param }, { progress, signal }),
    )
    screen.line(`Test accuracy ${percent(await test(base, digits.test, signal))} on upright digits,`)
    screen.line(`  ${percent(await test(base, sideways.test, signal))} on digits turned by a quarter`)

    const model = new Classifier(adapted(layers, options.rank, { rngs }))
    const [own, added] = [sizeOf(model, frozen), sizeOf(model, LoRAParam)]
    const before = await bytesOf(model)
    screen.section([`Turned digits: ${grouped(added)} parameters of adapters are trained, ${grouped(own)} are frozen`])
    await withProgress(screen.progress(options.epochs), signal, (progress) =>
      train(model, sideways.train, { ...options, wrt: LoRAParam }, { progress, signal }),
    )
    screen.line(
      `Test accuracy ${percent(await test(model, sideways.test, signal))} on turned digits with the adapters,`,
    )
    screen.line(`  ${percent(await test(base, digits.test, signal))} on upright digits without them`)
    if (!before.equals(await bytesOf(model))) throw new TrainingError('frozen parameters have changed')
    screen.line(`The ${grouped(own)} frozen parameters are the same as before, bit for bit`)
  },
}
