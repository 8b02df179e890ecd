export { foldIn, key, keyData, split, wrapKeyData } from './key.js'
export {
  bernoulli,
  bits,
  exponential,
  gumbel,
  normal,
  permutation,
  randint,
  truncatedNormal,
  uniform,
} from './samplers.js'
