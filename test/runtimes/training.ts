import { setDefaultDevice, setThreads, type Tensor } from '@linum/tensor'
import { jit, Linear, Module, nn, np, optim, Optimizer, Rngs, valueAndGrad } from 'linum'
import type { Check } from './suites.js'

class Classifier extends Module {
  hidden: Linear
  out: Linear
  constructor(rngs: Rngs) {
    super()
    this.hidden = new Linear(64, 256, { rngs })
    this.out = new Linear(256, 10, { rngs })
  }
  forward(x: Tensor): Tensor {
    return this.out.forward(nn.gelu(this.hidden.forward(x)))
  }
}

const step = jit((model: Classifier, optimizer: Optimizer<Classifier>, x: Tensor, y: Tensor): Tensor => {
  const [loss, grads] = valueAndGrad((m: Classifier) =>
    optim.softmaxCrossEntropyWithIntegerLabels(m.forward(x), y).mean(),
  )(model)
  optimizer.update(grads)
  return loss
})

/** The losses of a few steps of training, from the same start every time. */
const train = (steps: number): readonly number[] => {
  const model = new Classifier(new Rngs(0))
  const optimizer = new Optimizer(model, optim.adam(1e-2))
  const x = np.random.normal(np.random.key(1), [128, 64])
  const y = np.random.randint(np.random.key(2), [128], 0, 10)
  return Array.from({ length: steps }, () => Number(step(model, optimizer, x, y).item()))
}

const steps = 20

/** A training run on each device: the loss falls, and threads change no bit of it. */
export const trainingChecks = (devices: readonly string[], sizes: readonly number[]): readonly Check[] => {
  const runs = devices.flatMap((device) =>
    (device === 'wasm' ? sizes : [null]).map((size: number | null) => ({ device, size })),
  )
  const losses = new Map<string, string>()
  return runs.map(({ device, size }) => ({
    label: `training on ${device}${size === null ? '' : ` with ${size} threads`}`,
    run: () => {
      setDefaultDevice(device)
      if (size !== null) setThreads(size)
      const found = train(steps)
      const [first, last] = [found[0]!, found.at(-1)!]
      if (!(last < first / 2)) return Promise.resolve(`the loss went from ${first} to ${last}`)
      const text = found.join(' ')
      const before = losses.get(device) ?? text
      losses.set(device, before)
      return Promise.resolve(
        before === text ? null : `the losses are ${text}, with another number of threads ${before}`,
      )
    },
  }))
}
