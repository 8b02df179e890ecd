import { BatchNorm, jit, Linear, Module, nn, np, optim, Optimizer, Rngs, type Tensor, tree, valueAndGrad } from 'linum'
import { decode, type Encoded, first, guarded, labelled, load, mismatch, parity, tensor } from './fixture.js'

class Model extends Module {
  linear1: Linear
  bn: BatchNorm
  linear2: Linear
  linear3: Linear
  constructor(rngs: Rngs) {
    super()
    this.linear1 = new Linear(4, 16, { useBias: false, rngs })
    this.bn = new BatchNorm(16, { rngs })
    this.linear2 = new Linear(16, 16, { rngs })
    this.linear3 = new Linear(16, 3, { rngs })
  }
  forward(x: Tensor): Tensor {
    return this.linear3.forward(nn.gelu(this.linear2.forward(nn.gelu(this.bn.forward(this.linear1.forward(x))))))
  }
}

/** A call of optim, also inside the arguments of another. */
interface Call {
  readonly fn: string
  readonly args: readonly unknown[]
  readonly options?: unknown
}

const isCall = (x: unknown): x is Call => typeof x === 'object' && x !== null && 'fn' in x

const evaluate = (x: unknown): unknown => {
  if (!isCall(x)) return decode(x)
  const f = (optim as unknown as Record<string, (...args: unknown[]) => unknown>)[x.fn]
  if (f === undefined) throw new TypeError(`${x.fn} is not in the library`)
  return f(...x.args.map(evaluate), ...(x.options === undefined ? [] : [decode(x.options)]))
}

interface Run {
  readonly fn: string
  readonly optimizer: Call
  readonly x: Encoded
  readonly labels: Encoded
  readonly losses: Encoded
  readonly mean: Encoded
  readonly var: Encoded
  readonly evaluated: Encoded
}

const trainStep = (model: Model, optimizer: Optimizer<Model>, x: Tensor, labels: Tensor): Tensor => {
  const lossFn = (m: Model): Tensor => optim.softmaxCrossEntropyWithIntegerLabels(m.forward(x), labels).mean()
  const [loss, grads] = valueAndGrad(lossFn)(model)
  optimizer.update(grads)
  return loss
}

/** The tolerance grows with the step, since rounding differences feed back: 1e-5 for the first loss, 1e-3 for the hundredth. */
const lossMismatch = (losses: readonly number[], want: readonly number[]): string | null => {
  if (losses.length !== want.length) return `${losses.length} losses, expected ${want.length}`
  for (const [k, loss] of losses.entries()) {
    const expected = want[k] as number
    const allowed = 1e-5 * 100 ** (k / (want.length - 1))
    if (!(Math.abs(loss / expected - 1) <= allowed))
      return `the loss of step ${k + 1} is ${loss}, expected ${expected} within ${allowed} relative`
  }
  return null
}

const train = (c: Run, compile: (step: typeof trainStep) => typeof trainStep): Promise<string | null> =>
  guarded(async () => {
    const model = new Model(new Rngs(0))
    const optimizer = new Optimizer(model, evaluate(c.optimizer) as optim.GradientTransformation)
    const step = compile(trainStep)
    const [x, labels] = [tensor(c.x), tensor(c.labels)]
    const want = c.losses.data.map(Number)
    const losses: number[] = []
    for (let k = 0; k < want.length; k++) losses.push(Number((await step(model, optimizer, x, labels).data())[0]))
    return first(
      async () => lossMismatch(losses, want),
      () => labelled('running mean', mismatch(model.bn.mean.value, c.mean, { rtol: 1e-3, atol: 1e-3 })),
      () => labelled('running variance', mismatch(model.bn.var.value, c.var, { rtol: 1e-3, atol: 1e-3 })),
      () => {
        model.eval()
        return labelled('evaluation', mismatch(model.forward(x), c.evaluated, { rtol: 1e-3, atol: 1e-2 }))
      },
      () =>
        labelled(
          'count of steps',
          mismatch(np.asarray(tree.leaves(optimizer.step.value)[0] as Tensor), {
            shape: [],
            dtype: 'uint32',
            data: [want.length],
          }),
        ),
    )
  })

const runs = load<Run>(import.meta.url, 'training')
parity('training', runs, (c) => train(c, (step) => step))
parity('jitted training', runs, (c) => train(c, (step) => jit(step) as unknown as typeof trainStep))
