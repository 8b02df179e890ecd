import type { Tensor } from '../core/tensor.js'
import { divide, equal, exp, multiply } from '../ops/elementwise/elementwise.js'
import { where } from '../ops/elementwise/where.js'
import { finfo } from '../core/limits.js'
import { digamma, logGamma } from '../special/kernels/gamma.js'
import { igammaGradA } from '../special/kernels/incomplete.js'
import { noDerivative, pointwise } from '../special/pointwise.js'

/** How a gamma sample x moves with its parameter at a fixed quantile: minus the derivative of P(a, x) by a over the density. */
const slope = (a: number, x: number): number => {
  if (x === 0) return 0
  // P(a, x) is x^a / gamma(a + 1) here, within 1e-9: the general formula would be a quotient of numbers too small.
  if (x < 1e-9 * Math.min(1, a)) return (-x / a) * (Math.log(x) - digamma(a + 1))
  return -igammaGradA(a, x) / Math.exp((a - 1) * Math.log(x) - x - logGamma(a))
}

const slopes = pointwise('the derivative of a gamma sample', slope, [
  noDerivative('the derivative of a gamma sample', 'a'),
  noDerivative('the derivative of a gamma sample', 'x'),
])

const identity = (x: number): number => x
const fixed = (t: Tensor): Tensor => multiply(t, 0)

const ofSample = pointwise('random.gamma', identity, [fixed, (t, [x, a]) => multiply(t, slopes(a!, x!))])

const ofLogarithm = pointwise('random.loggamma', identity, [
  fixed,
  (t, [log, a]) => {
    const x = exp(log!)
    const positive = where(equal(x, 0), finfo(x.dtype).tiny, x)
    return multiply(t, divide(slopes(a!, positive), positive))
  },
])

/** The sample itself, with a derivative by the parameter it was drawn with. That cannot be differentiated again. */
export const gammaSampleSlope = (drawn: Tensor, alpha: Tensor, logSpace: boolean): Tensor =>
  (logSpace ? ofLogarithm : ofSample)(drawn, alpha)
