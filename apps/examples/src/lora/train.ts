import { batches, type Examples, pixels, shuffled } from 'digits/dataset'
import { makeMeter } from 'digits/program'
import { jit, np, optim, Optimizer, random, type Tensor, valueAndGrad, type VariableClass } from 'linum'
import { accuracyOf } from '../accuracy.js'
import type { Watch } from '../example.js'
import type { Classifier } from './model.js'

/** How to train. */
export type TrainOptions = {
  readonly epochs: number
  readonly batch: number
  readonly lr: number
  readonly seed: number
  /** Which Variables are trained. */
  readonly wrt: VariableClass
}

/** One compiled step. Only what it trains is differentiated by: the rest costs no backward pass of its own. */
const makeStep = (wrt: VariableClass) =>
  jit((model: Classifier, optimizer: Optimizer<Classifier>, x: Tensor, y: Tensor) => {
    const lossFn = (model: Classifier): readonly [Tensor, Tensor] => {
      const logits = model.forward(x)
      return [optim.softmaxCrossEntropyWithIntegerLabels(logits, y).mean(), logits]
    }
    const [[loss, logits], grads] = valueAndGrad(lossFn, { hasAux: true, wrt })(model)
    optimizer.update(grads)
    return [loss, logits.argmax({ axis: -1 }).eq(y).sum()] as const
  })

/** Trains some Variables of `model` in place and gives the loss of every step. */
export const train = async (
  model: Classifier,
  examples: Examples,
  { epochs, batch, lr, seed, wrt }: TrainOptions,
  { progress, signal }: Watch,
): Promise<readonly number[]> => {
  const size = examples.labels.length
  const steps = Math.floor(size / batch)
  const optimizer = new Optimizer(model, optim.adam(optim.cosineDecaySchedule(lr, epochs * steps)), { wrt })
  const step = makeStep(wrt)
  const key = random.key(seed)
  const meter = makeMeter(progress, signal, batch)
  for (let epoch = 1; epoch <= epochs; epoch++) {
    meter.start(epoch, steps)
    for (const { x, y } of batches(examples, await shuffled(key, epoch, size), batch, 'drop')) {
      await meter.step(...step(model, optimizer, np.array(x).reshape([batch, pixels]), np.array(y)))
    }
    await meter.finish()
  }
  return meter.losses
}

const classify = jit((model: Classifier, x: Tensor) => model.forward(x).argmax({ axis: -1 }))

/** The share of examples that the model reads right. */
export const test = (model: Classifier, examples: Examples, signal: AbortSignal): Promise<number> => {
  const predict = (x: Float32Array, size: number) =>
    classify(model, np.array(x).reshape([size, pixels])).data() as Promise<Int32Array>
  return accuracyOf(examples, predict, signal)
}
