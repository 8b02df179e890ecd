import * as np from '@linum/tensor'
import { array, type DType, finfo, type Tensor } from '@linum/tensor'
import { describe, expect, test } from 'vitest'

const points = [0.25, 0.5, 0.75]
const of = (dtype: DType): Tensor => array(points, { dtype })

/** Functions of numbers between 0 and 1. */
const functions: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  ...Object.fromEntries(
    (
      'sinh cosh tan arcsin arccos arctan arcsinh arctanh cbrt exp2 trunc sinc deg2rad nanToNum cumprod cummax cummin cumlogsumexp cumsum nansum nanmean nanvar nanstd nanprod nanmax nanmin median nanmedian average ptp diff trapezoid'.split(
        ' ',
      ) as readonly 'sinh'[]
    ).map((name) => [name, np[name]]),
  ),
  ...Object.fromEntries(
    (
      'erfc expit logit entr gammaln digamma gamma factorial i0 i0e i1 i1e ndtr ndtri logNdtr'.split(
        ' ',
      ) as readonly 'erfc'[]
    ).map((name) => [`special.${name}`, np.special[name]]),
  ),
  quantile: (x) => np.quantile(x, 0.4),
  cov: (x) => np.cov(x),
  hypot: (x) => np.hypot(x, x.add(1)),
  logaddexp2: (x) => np.logaddexp2(x, 1),
  frexp: (x) => np.frexp(x)[0],
  ldexp: (x) => np.ldexp(x, 3),
  'special.gammainc': (x) => np.special.gammainc(2, x),
  'special.betainc': (x) => np.special.betainc(2, 3, x),
  'special.xlogy': (x) => np.special.xlogy(x, x),
  'stats.norm.logpdf': (x) => np.stats.norm.logpdf(x),
  'stats.beta.logpdf': (x) => np.stats.beta.logpdf(x, 2, 3),
}

const values = (x: Tensor): number[] => Array.from(x.dataSync() as Float64Array)

describe.each(['bfloat16', 'float16', 'float32'] as const)('in %s', (dtype) => {
  test.each(Object.keys(functions))('%s keeps the dtype and its digits', (name) => {
    const f = functions[name]!
    const [got, want] = [f(of(dtype)), values(f(of('float64')))]
    expect(got.dtype).toBe(dtype)
    const allowed = 24 * finfo(dtype).eps
    values(got).forEach((v, i) => {
      expect(Math.abs(v - want[i]!), `element ${i} is ${v}, in double precision ${want[i]}`).toBeLessThan(
        allowed * (1 + Math.abs(want[i]!)),
      )
    })
  })
})

describe('in float64', () => {
  test.each(Object.keys(functions))('%s keeps the dtype', (name) => {
    const [narrow, wide] = [functions[name]!(of('float32')), functions[name]!(of('float64'))]
    expect(wide.dtype).toBe('float64')
    values(narrow).forEach((v, i) => expect(v).toBeCloseTo(values(wide)[i]!, 4))
  })
})
