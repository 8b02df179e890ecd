import { batches, type Examples, pixels } from 'digits/dataset'
import { makeMeter } from 'digits/program'
import { jit, nn, np, optim, Optimizer, random, type Tensor, valueAndGrad } from 'linum'
import type { Watch } from '../example.js'
import type { Vae } from './model.js'

/** How to train. */
export type TrainOptions = {
  readonly epochs: number
  readonly batch: number
  readonly lr: number
  readonly seed: number
}

/** The negative evidence lower bound: what the drawing loses, and how far the codes are from the prior, in nats. */
const lossOf = (model: Vae, x: Tensor): Tensor => {
  const { mean, logVar, logits } = model.forward(x)
  const reconstruction = optim.sigmoidBinaryCrossEntropy(logits, x).sum({ axis: -1 })
  const divergence = mean.square().add(logVar.exp()).sub(logVar).sub(1).sum({ axis: -1 }).mul(0.5)
  return reconstruction.add(divergence).mean()
}

const trainStep = jit((model: Vae, optimizer: Optimizer<Vae>, x: Tensor) => {
  const [loss, grads] = valueAndGrad((model: Vae) => lossOf(model, x))(model)
  optimizer.update(grads)
  return loss
})

/** Trains `model` in place and gives the loss of every step. */
export const train = async (
  model: Vae,
  { images, labels }: Examples,
  { epochs, batch, lr, seed }: TrainOptions,
  { progress, signal }: Watch,
): Promise<readonly number[]> => {
  const size = labels.length
  const optimizer = new Optimizer(model, optim.adam(lr))
  const key = random.key(seed)
  const meter = makeMeter(progress, signal)
  for (let epoch = 1; epoch <= epochs; epoch++) {
    meter.start(epoch, Math.floor(size / batch))
    const order = Int32Array.from(await random.permutation(random.foldIn(key, epoch), size).data(), Number)
    for (const { x } of batches({ images, labels }, { order }, batch, 'drop')) {
      await meter.step(trainStep(model, optimizer, np.array(x).reshape([batch, pixels])))
    }
    await meter.finish()
  }
  return meter.losses
}

const draw = jit((model: Vae, codes: Tensor) => nn.sigmoid(model.decoder.forward(codes)))

/** `count` images that the model makes up: codes drawn from the prior, decoded to grey levels from 0 to 1. */
export const sample = async (model: Vae, count: number, key: Tensor): Promise<Float32Array> => {
  const codes = random.normal(key, [count, model.encoder.mean.outFeatures])
  return (await draw(model, codes).data()) as Float32Array
}
