import { Rngs } from 'linum'
import { accuracy, confusionMatrix, mostConfused, predictions, surestMistakes } from './confusion.js'
import { loadExamples } from './dataset/examples.js'
import type { DatasetPaths } from './dataset/locate.js'
import { selectDevice } from './device.js'
import { evaluate } from './evaluate.js'
import { InputError } from './failure.js'
import { Classifier, layerWidths, parameterCount } from './model.js'
import type { Options } from './options.js'
import { lossCurve } from './report/curve.js'
import { withProgress } from './report/progress.js'
import type { Screen } from './report/screen.js'
import { describeConfusions, describeResult, describeSetting, drawMistakes } from './report/summary.js'
import { train } from './train.js'

/** Loads the digits, trains, tests and reports. */
export const run = async (
  options: Options,
  paths: DatasetPaths,
  screen: Screen,
  signal: AbortSignal,
): Promise<void> => {
  const { epochs, batch, lr, hidden, seed } = options
  const device = await selectDevice(options.device, screen.note)
  const { train: trainSet, test: testSet } = await loadExamples(paths, screen.note, signal)
  const [trainSize, testSize] = [trainSet.labels.length, testSet.labels.length]
  if (batch > trainSize)
    throw new InputError(`--batch must be at most ${trainSize}, the digits to learn from, got ${batch}; see --help`)

  const model = new Classifier(hidden, { rngs: new Rngs(seed) })
  screen.line(
    describeSetting({
      trainSize,
      testSize,
      widths: layerWidths(hidden),
      parameters: parameterCount(model),
      device,
      seed,
    }),
  )
  await withProgress(screen.progress(epochs), signal, async (progress) => {
    const { losses, seconds } = await train(model, trainSet, { epochs, batch, lr, seed, progress, signal })
    const reading = await evaluate(model, testSet, signal)
    const matrix = confusionMatrix(reading.labels, predictions(reading))
    screen.section(['Loss per step', ...lossCurve(losses, screen.width)])
    screen.section(drawMistakes(surestMistakes(reading, 6), testSet.images, screen.ink, screen.width))
    screen.section(describeConfusions(mostConfused(matrix, 5)))
    screen.section([describeResult({ accuracy: accuracy(matrix), testSize, steps: losses.length, seconds })])
  })
}
