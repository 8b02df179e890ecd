import { type ArrayOps, mul, pow, square, sub, type Tensor } from '@linum/tensor'

/** (1 - decay) g + decay m. */
export const firstMoment = (g: ArrayOps, m: ArrayOps, decay: number): Tensor => mul(g, 1 - decay).add(mul(m, decay))

/** (1 - decay) g² + decay v. */
export const secondMoment = (g: ArrayOps, v: ArrayOps, decay: number): Tensor =>
  mul(square(g), 1 - decay).add(mul(v, decay))

/** What divides a moment after `count` steps so that it does not lean to its start at 0: 1 - decay^count, in float32. */
export const debiasDivisor = (decay: number, count: ArrayOps): Tensor => sub(1, pow(decay, count.astype('float32')))

/** The moment over its divisor, in the moment's dtype. */
export const debias = (m: ArrayOps, divisor: Tensor): Tensor => m.div(divisor.astype(m.dtype))
