import type { TensorLike } from '../core/array-ops.js'
import type { Tensor } from '../core/tensor.js'
import { add, exp, log, log1p, multiply, negative, subtract } from '../ops/elementwise/elementwise.js'
import { promoteFloats } from '../ops/operand.js'
import { digamma, gammasgn } from './gamma.js'
import { betaInc, logBeta } from './kernels/incomplete.js'
import { noDerivative, type Partial, pointwise } from './pointwise.js'

const byOperand =
  (i: 0 | 1): Partial =>
  (t, operands) =>
    multiply(t, subtract(digamma(operands[i]!), digamma(add(operands[0]!, operands[1]!))))

/** log |beta(a, b)|. */
export const betaln: (a: TensorLike, b: TensorLike) => Tensor = /* @__PURE__ */ pointwise('betaln', logBeta, [
  byOperand(0),
  byOperand(1),
])

/** The beta function, gamma(a) gamma(b) / gamma(a + b). */
export const beta = (a: TensorLike, b: TensorLike): Tensor => {
  const [p, q] = promoteFloats('beta', [a, b])
  const sign = multiply(multiply(gammasgn(p!), gammasgn(q!)), gammasgn(add(p!, q!)))
  return multiply(sign, exp(betaln(p!, q!)))
}

/** The regularized incomplete beta function of x in [0, 1]. Has no derivative by a and b. */
export const betainc: (a: TensorLike, b: TensorLike, x: TensorLike) => Tensor = /* @__PURE__ */ pointwise(
  'betainc',
  betaInc,
  [
    noDerivative('betainc', 'a'),
    noDerivative('betainc', 'b'),
    (t, [a, b, x]) =>
      multiply(
        t,
        exp(
          subtract(
            add(multiply(subtract(a!, 1), log(x!)), multiply(subtract(b!, 1), log1p(negative(x!)))),
            betaln(a!, b!),
          ),
        ),
      ),
  ],
)
