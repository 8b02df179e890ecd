import { grad, hessian, jvp, vjp, vmap } from '@linum/autodiff'
import { array, cummax, cumprod, jit, nextafter, quantile, sinc, special, stats, type Tensor } from '@linum/tensor'
import { describe, expect, test } from 'vitest'

const { betainc, digamma, gammainc, gammaln, i0e, zeta } = special
const x = array([0.5, 1.5, 3])
const list = (t: Tensor): number[] => Array.from(t.dataSync() as Float32Array)

describe('special functions under transforms', () => {
  test('their derivatives are one another', () => {
    expect(list(grad((y: Tensor) => gammaln(y).sum())(x))).toEqual(list(digamma(x)))
    expect(list(jvp(digamma, [x], [array([1, 1, 1])])[1])).toEqual(list(zeta(2, x)))
  })

  test('a batch gives what its entries give', () => {
    const a = array([
      [1, 2, 3],
      [0.5, 4, 8],
    ])
    const each = (f: (p: Tensor, y: Tensor) => Tensor): void => {
      const batched = vmap(f, { inAxes: [0, null] })(a, x)
      expect(list(batched)).toEqual([...list(f(a.slice(0), x)), ...list(f(a.slice(1), x))])
    }
    each(gammainc)
    each((p, y) => stats.gamma.logpdf(y, p))
    each((p, y) => grad((q: Tensor) => gammaln(q).mul(y).sum())(p))
    each((p, y) => cumprod(p, { axis: 0 }).add(cummax(y)))
    each((p) => quantile(p, array([0.3, 0.6])))
  })

  test('compiling changes no bit', () => {
    const gradient = grad((y: Tensor) => gammainc(array(2), y).mul(i0e(y)).sum())
    expect(list(jit(gradient)(x))).toEqual(list(gradient(x)))
  })

  test('second derivatives exist where no removable singularity hides them', () => {
    expect((hessian((y: Tensor) => sinc(y))(array(0)) as Tensor).item()).toBeCloseTo(-(Math.PI ** 2) / 3, 5)
    expect((hessian((y: Tensor) => special.xlogy(y, y))(array(2)) as Tensor).item()).toBeCloseTo(0.5, 6)
  })
})

describe('what has no derivative says so', () => {
  test.each([
    ['zeta', 's', (y: Tensor) => zeta(y, 2)],
    ['betainc', 'a', (y: Tensor) => betainc(y, 2, 0.5)],
    ['betainc', 'b', (y: Tensor) => betainc(2, y, 0.5)],
    ['nextafter', 'x', (y: Tensor) => nextafter(y, 9)],
    ['the derivative of gammainc by a', 'a', (y: Tensor) => grad((a: Tensor) => gammainc(a, 2).sum())(y)],
  ] as const)('%s by %s', (fn, by, f) => {
    const message = `${fn}: has no derivative by ${by}; wrap it in stopGradient(...)`
    expect(() => grad((y: Tensor) => f(y).sum())(x)).toThrow(new TypeError(message))
    expect(() => jvp(f, [x], [x])).toThrow(new TypeError(message))
  })

  test('but the other operands have theirs', () => {
    const [, back] = vjp((y: Tensor) => betainc(2, 3, y), [array(0.25)])
    expect((back(array(1))[0] as Tensor).item()).toBeCloseTo(12 * 0.25 * 0.75 ** 2, 5)
  })
})
