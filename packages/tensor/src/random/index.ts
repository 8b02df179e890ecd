export { binomial, multinomial } from './binomial.js'
export {
  cauchy,
  doubleSidedMaxwell,
  gumbel,
  type GumbelOptions,
  laplace,
  logistic,
  lognormal,
  maxwell,
  pareto,
  rayleigh,
  triangular,
  wald,
  weibullMin,
} from './continuous.js'
export { categorical, type CategoricalOptions, type CountOptions, geometric, poisson } from './discrete.js'
export type { SampleOptions, ShapedOptions } from './draw.js'
export { ball, beta, chisquare, dirichlet, f, gamma, generalizedNormal, loggamma, t } from './gamma.js'
export { foldIn, key, keyData, split, wrapKeyData } from './key.js'
export {
  multivariateNormal,
  type MultivariateNormalOptions,
  orthogonal,
  type OrthogonalOptions,
} from './multivariate.js'
export { choice, type ChoiceOptions, permutation, type PermutationOptions } from './permutation.js'
export {
  bernoulli,
  type BernoulliOptions,
  bits,
  exponential,
  type IntegerOptions,
  normal,
  rademacher,
  randint,
  truncatedNormal,
  uniform,
  type UniformOptions,
} from './samplers.js'
