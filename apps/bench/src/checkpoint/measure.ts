import { autodiff, jit, np, random, type Tensor } from 'linum'
import { makeSchedule } from '@linum/tensor/core'
import { measure } from '../measure.js'

/** What one way to keep or compute again costs. */
export interface Cost {
  readonly name: string
  /** What the values between the steps of the compiled gradient take at most. */
  readonly workspaceBytes: number
  readonly milliseconds: number
}

const width = 64
const rows = 128

/** A layer whose values between the products are cheap to compute again. */
const layer = (x: Tensor, [w, v]: readonly Tensor[]): Tensor =>
  np
    .tanh(np.softplus(x.matmul(w!)).mul(0.5))
    .matmul(v!)
    .add(x)

type Wrap = (f: typeof layer) => typeof layer

const { checkpoint, checkpointPolicies } = autodiff

const ways: readonly (readonly [name: string, wrap: Wrap])[] = [
  ['nothing computed again', (f) => f],
  ['checkpoint, products kept', (f) => checkpoint(f, { policy: checkpointPolicies.dotsSaveable })],
  ['checkpoint per layer', (f) => checkpoint(f)],
]

/** The gradient of a stack of layers, with and without checkpoint: memory and time. */
export const measureCheckpoint = (layers: number, rounds: number): readonly Cost[] => {
  const keys = random.split(random.key(0), 2 * layers)
  const weights = Array.from({ length: layers }, (_, i) =>
    [0, 1].map((k) => random.normal(keys.slice(2 * i + k), [width, width]).mul(0.1)),
  )
  const x = random.normal(random.key(1), [rows, width])
  return ways.map(([name, wrap]): Cost => {
    const step = wrap(layer)
    const loss = (ws: readonly (readonly Tensor[])[], input: Tensor): Tensor =>
      ws
        .reduce((h, w) => step(h, w), input)
        .square()
        .mean()
    const gradient = autodiff.grad(loss)
    const program = np.makeProgram(gradient)(weights, x)
    const compiled = jit(gradient)
    return {
      name,
      workspaceBytes: makeSchedule(program).workspaceBytes,
      milliseconds: measure(() => void compiled(weights, x), rounds).best / 1000,
    }
  })
}
