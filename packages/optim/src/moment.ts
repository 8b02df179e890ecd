import { type ArrayOps, mul, pow, square, sub, type Tensor, type TensorLike } from '@linum/tensor'
import { increment } from './count.js'

/** 1 - x, in double precision where x is a number. */
export const oneMinus = (x: TensorLike): TensorLike => (typeof x === 'number' ? 1 - x : sub(1, x))

/** (1 - decay) g + decay m. */
export const firstMoment = (g: ArrayOps, m: ArrayOps, decay: TensorLike): Tensor =>
  mul(g, oneMinus(decay)).add(mul(m, decay))

/** (1 - decay) g² + decay v. */
export const secondMoment = (g: ArrayOps, v: ArrayOps, decay: TensorLike): Tensor =>
  mul(square(g), oneMinus(decay)).add(mul(v, decay))

/** What divides a moment after `count` steps so that it does not lean to its start at 0: 1 - decay^count, in float32. */
export const debiasDivisor = (decay: TensorLike, count: ArrayOps): Tensor => sub(1, pow(decay, count.astype('float32')))

/** The moment over its divisor, in the moment's dtype. */
export const debias = (m: ArrayOps, divisor: Tensor): Tensor => m.asTensor().div(divisor.astype(m.dtype))

/** The averages of gradients corrected for their start at 0; with `nesterov` as they will be one step ahead (Dozat 2016). */
export const debiasMeans = (
  mu: readonly Tensor[],
  g: readonly ArrayOps[],
  decay: TensorLike,
  count: ArrayOps,
  nesterov: boolean,
): readonly Tensor[] => {
  const divisor = debiasDivisor(decay, count)
  if (!nesterov) return mu.map((m) => debias(m, divisor))
  const ahead = debiasDivisor(decay, increment(count))
  const rest = oneMinus(decay)
  return mu.map((m, i) => debias(m, ahead).mul(decay).add(debias(g[i]!, divisor).mul(rest)))
}

/** sqrt(v + epsRoot) + eps. */
export const denominator = (v: Tensor, eps: TensorLike, epsRoot: TensorLike): Tensor =>
  // Adding 0 would be one more operation for each leaf.
  (epsRoot === 0 ? v : v.add(epsRoot)).sqrt().add(eps)
