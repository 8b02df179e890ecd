import { valueAndGrad } from '@linum/autodiff'
import { array, jit, matmul, random, tanh, type Tensor, traceCount, tree, zeros } from '@linum/tensor'
import { describe, expect, it } from 'vitest'

type Params = Readonly<Record<string, Tensor>>
type Loss = (params: Params, x: Tensor, y: Tensor) => Tensor

interface Run {
  readonly params: Params
  /** Before each step. */
  readonly losses: readonly number[]
  readonly traces: number
}

/** Plain gradient descent, every step compiled. */
const descend = (loss: Loss, start: Params, x: Tensor, y: Tensor, rate: number, steps: number): Run => {
  const step = jit((params: Params, x: Tensor, y: Tensor): readonly [Tensor, Params] => {
    const [value, grads] = valueAndGrad(loss)(params, x, y)
    return [value, tree.map((p: Tensor, g: Tensor) => p.sub(g.mul(rate)), params, grads)]
  })
  let params = start
  const losses: number[] = []
  for (let i = 0; i < steps; i++) {
    const [value, next] = step(params, x, y)
    losses.push(Number(value.item()))
    params = next
  }
  return { params, losses, traces: traceCount(step) }
}

const numbers = (x: Tensor): readonly number[] => x.ravel().toArray() as readonly number[]

describe('gradient descent', () => {
  it('finds the line through noiseless points', () => {
    const x = random.normal(random.key(0), [64, 2])
    const y = matmul(x, array([[2], [-3]])).add(0.5)
    const loss: Loss = ({ w, b }, x, y) => matmul(x, w!).add(b!).sub(y).square().mean()
    const { params, losses, traces } = descend(loss, { w: zeros([2, 1]), b: zeros([1]) }, x, y, 0.1, 200)
    ;[2, -3].forEach((v, i) => expect(numbers(params['w']!)[i]).toBeCloseTo(v, 3))
    expect(numbers(params['b']!)[0]).toBeCloseTo(0.5, 3)
    expect(losses[199]!).toBeLessThan(1e-6)
    losses.slice(1, 30).forEach((l, i) => expect(l).toBeLessThan(losses[i]!))
    expect(traces).toBe(1)
  })

  it('teaches exclusive or to a network with one hidden layer', () => {
    const [a, b] = [random.key(1), random.key(2)]
    const start = {
      w1: random.normal(a, [2, 8]),
      b1: zeros([8]),
      w2: random.normal(b, [8, 1]).mul(0.5),
      b2: zeros([1]),
    }
    const loss: Loss = ({ w1, b1, w2, b2 }, x, y) =>
      matmul(tanh(matmul(x, w1!).add(b1!)), w2!)
        .add(b2!)
        .sub(y)
        .square()
        .mean()
    const x = array([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ])
    const { losses, traces } = descend(loss, start, x, array([[0], [1], [1], [0]]), 0.2, 400)
    expect(losses[0]!).toBeGreaterThan(0.1)
    expect(losses[399]!).toBeLessThan(1e-3)
    expect(traces).toBe(1)
  })

  it('is the same, to the bit, when it is not compiled', () => {
    const loss: Loss = ({ w }, x, y) => tanh(matmul(x, w!)).sub(y).square().mean()
    const [x, y] = [random.normal(random.key(3), [8, 3]), random.normal(random.key(4), [8, 2])]
    const start = random.normal(random.key(5), [3, 2])
    const { params } = descend(loss, { w: start }, x, y, 0.1, 10)
    let w = start
    for (let i = 0; i < 10; i++) w = w.sub(valueAndGrad(loss)({ w }, x, y)[1]['w']!.mul(0.1))
    expect(numbers(params['w']!)).toEqual(numbers(w))
  })
})
