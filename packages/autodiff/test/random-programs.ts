import { fc } from '@fast-check/vitest'
import {
  array,
  clip,
  concatenate,
  cumsum,
  exp,
  flip,
  jit,
  log1p,
  logSoftmax,
  matmul,
  max,
  maximum,
  minimum,
  pad,
  prod,
  relu,
  rsqrt,
  sigmoid,
  sin,
  slice,
  softmax,
  sort,
  take,
  tanh,
  type Tensor,
  where,
} from '@linum/tensor'

type Step = (x: Tensor, y: Tensor) => Tensor

/** Functions of two tensors of shape [2, 3] to one, which keep values moderate and have no corners but in null sets. */
const steps: Readonly<Record<string, Step>> = {
  add: (x, y) => x.add(y),
  sub: (x, y) => x.mul(2).sub(y),
  mul: (x, y) => tanh(x).mul(y),
  div: (x, y) => x.div(y.square().add(1)),
  sin: (x) => sin(x),
  exp: (x) => exp(tanh(x)),
  log: (x) => log1p(x.square()),
  rsqrt: (x, y) => y.mul(rsqrt(x.square().add(0.5))),
  sigmoid: (x, y) => sigmoid(x).mul(y),
  relu: (x, y) => relu(x.sub(0.123)).add(y),
  maximum: (x, y) => maximum(x, y.sub(0.3713)),
  minimum: (x, y) => minimum(x.add(0.2923), y.neg()),
  clip: (x) => clip(x, -0.77, 0.83),
  where: (x, y) => where(x.greater(y.mul(0.61)), x, y.sin()),
  softmax: (x, y) => softmax(x).sub(y),
  logSoftmax: (x) => logSoftmax(x, { axis: 0 }),
  normalize: (x) => x.sub(x.mean({ axis: 1, keepdims: true })).div(x.var({ axis: 1, keepdims: true }).add(0.3).sqrt()),
  prod: (x, y) => tanh(prod(x, { axis: 0 })).add(y),
  max: (x, y) => max(x, { axis: 1, keepdims: true }).sub(y),
  matmul: (x, y) => matmul(softmax(matmul(x, y.T)), x),
  outer: (x, y) => tanh(matmul(x.slice(':', [2]), y.slice([2], ':'))),
  concatenate: (x, y) => concatenate([x.slice('1:'), y.slice(':1')]),
  pad: (x, y) =>
    slice(
      pad(
        x,
        [
          [1, 0],
          [0, 2],
        ],
        { constantValues: 0.4 },
      ),
      ':2',
      '2:',
    ).sub(y),
  reshape: (x, y) => x.T.reshape([2, 3]).add(y),
  flip: (x, y) => flip(x).add(y.mul(0.5)),
  cumsum: (x) => tanh(cumsum(x, { axis: 1 })),
  sort: (x, y) => sort(x).add(y),
  take: (x, y) => take(x, array([2, 0, 2], { dtype: 'int32' }), { axis: 1 }).sub(y),
  round: (x, y) => x.mul(2).add(0.1137).round().add(y),
}

/** One step: what it does, to which earlier values, and whether it is a jitted function of its own. */
interface Instruction {
  readonly op: string
  readonly x: number
  readonly y: number
  readonly nested: boolean
}

/** A straight-line program on two inputs; prints as what it does. */
export interface RandomProgram {
  readonly f: (x: Tensor, y: Tensor) => Tensor
  /** The same without jitted parts. */
  readonly plain: (x: Tensor, y: Tensor) => Tensor
}

const run = (instructions: readonly Instruction[]): RandomProgram['f'] => {
  const functions = instructions.map(({ op, nested }) => (nested ? jit(steps[op]!) : steps[op]!))
  return (x, y) => {
    const values = [x, y]
    instructions.forEach((i, k) =>
      values.push(functions[k]!(values[i.x % values.length]!, values[i.y % values.length]!)),
    )
    const scale = values.slice(2).map((_, k) => 1 / (k + 1))
    return values.slice(2).reduce((sum, v, k) => sum.add(v.mul(scale[k]!).sum()), x.sum())
  }
}

export const randomProgram: fc.Arbitrary<RandomProgram> = fc
  .array(
    fc.record({ op: fc.constantFrom(...Object.keys(steps)), x: fc.nat(100), y: fc.nat(100), nested: fc.boolean() }),
    { minLength: 1, maxLength: 6 },
  )
  .map((instructions) => ({
    f: run(instructions),
    plain: run(instructions.map((i) => ({ ...i, nested: false }))),
    toString: () => JSON.stringify(instructions),
  }))

/** A tensor of shape [2, 3] of distinct elements. */
export const input: fc.Arbitrary<Tensor> = fc
  .uniqueArray(fc.integer({ min: -900, max: 900 }), { minLength: 6, maxLength: 6 })
  .map((xs) => array(xs.map((v) => (v + 0.31) / 600)).reshape([2, 3]))
