import { jit, np, type Tensor } from 'linum'
import { type Arrays, input } from './load.js'

const chain = jit((a: Tensor, b: Tensor) =>
  np.exp(np.sqrt(np.square(np.tanh(a.mul(b).add(a)).mul(0.5).sub(b)).add(1)).neg()),
)

/** Ten elementwise operations, the result read; gives its first element. */
export const prepareElementwise = (arrays: Arrays): (() => number) => {
  const [a, b] = [input('elementwise', arrays, 'a'), input('elementwise', arrays, 'b')]
  return () => chain(a, b).dataSync()[0]!
}

const multiply = jit((a: Tensor, b: Tensor) => a.matmul(b))

/** A matrix product, one element read; gives that. */
export const prepareMatmul = (arrays: Arrays): (() => number) => {
  const [a, b] = [input('matmul', arrays, 'a'), input('matmul', arrays, 'b')]
  return () => multiply(a, b).slice(0, 0).item() as number
}
