export { erf, erfinv } from '../ops/elementwise/elementwise.js'
export { logsumexp } from '../ops/reduce/reduce.js'
export { i0, i0e, i1, i1e } from './bessel.js'
export { beta, betainc, betaln } from './beta.js'
export { entr, klDiv, relEntr, xlog1py, xlogy } from './entropy.js'
export {
  digamma,
  factorial,
  gamma,
  gammainc,
  gammaincc,
  gammaln,
  gammasgn,
  multigammaln,
  polygamma,
  zeta,
} from './gamma.js'
export { erfc, expit, logit, logNdtr, ndtr, ndtri } from './normal.js'
