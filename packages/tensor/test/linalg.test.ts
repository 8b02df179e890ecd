import { fc, test } from '@fast-check/vitest'
import {
  array,
  DtypeError,
  eye,
  fft,
  jit,
  linalg,
  matmul,
  random,
  ShapeError,
  type Tensor,
  tril,
  triu,
} from '@linum/tensor'
import { describe, expect } from 'vitest'

type Float = 'float32' | 'float64'

const precision: Readonly<Record<Float, number>> = { float32: 3e-6, float64: 1e-12 }

const draw = fc.record({
  seed: fc.nat(1e6),
  m: fc.integer({ min: 1, max: 7 }),
  n: fc.integer({ min: 1, max: 7 }),
  batch: fc.constantFrom<number[]>([], [2], [2, 1]),
  dtype: fc.constantFrom<Float>('float32', 'float64'),
})
type Draw = typeof draw extends fc.Arbitrary<infer T> ? T : never

const normal = (seed: number, shape: readonly number[], dtype: Float): Tensor =>
  random.normal(random.key(seed), shape).astype(dtype)

const greatest = (x: Tensor): number => (x.size === 0 ? 0 : (x.abs().max().item() as number))

const near = (got: Tensor, want: Tensor, dtype: Float, size = 1): void => {
  expect(got.shape).toEqual(want.shape)
  expect(got.dtype).toBe(dtype)
  expect(greatest(got.sub(want))).toBeLessThanOrEqual(precision[dtype] * Math.max(1, greatest(want), size))
}

const isOrthonormal = (q: Tensor, dtype: Float): void => {
  const n = q.shape[q.ndim - 1]!
  near(
    matmul(q.mT, q),
    eye(n)
      .astype(dtype)
      .broadcastTo([...q.shape.slice(0, -2), n, n]),
    dtype,
  )
}

const matrix = ({ seed, m, n, batch, dtype }: Draw): Tensor => normal(seed, [...batch, m, n], dtype)
const square = ({ seed, n, batch, dtype }: Draw): Tensor =>
  normal(seed, [...batch, n, n], dtype).add(eye(n).mul(6).astype(dtype))

const once = { numRuns: 10 }

describe('linear algebra', () => {
  test('solves, factors and inverts', () => {
    const a = array([
      [4, 2],
      [2, 3],
    ])
    expect(linalg.solve(a, array([2, 5])).toArray()).toEqual([-0.5, 2])
    expect(linalg.det(a).item()).toBe(8)
    expect(linalg.cholesky(a).toArray()).toEqual([
      [2, 0],
      [1, Math.fround(Math.SQRT2)],
    ])
    expect(
      linalg
        .svdvals(
          array([
            [3, 0],
            [0, -4],
          ]),
        )
        .toArray(),
    ).toEqual([4, 3])
    expect(
      linalg
        .eigvalsh(
          array([
            [0, 2],
            [2, 3],
          ]),
        )
        .toArray(),
    ).toEqual([-1, 4])
  })

  test.prop([draw], once)('the solution solves, and the inverse is one', (d) => {
    const [a, b] = [square(d), normal(d.seed + 1, [...d.batch, d.n, d.m], d.dtype)]
    near(matmul(a, linalg.solve(a, b)), b, d.dtype, 10)
    near(matmul(a, linalg.inv(a)), eye(d.n).astype(d.dtype).broadcastTo(a.shape), d.dtype, 10)
  })

  test.prop([draw], once)('Q R is the matrix, Q has orthonormal columns and R is upper triangular', (d) => {
    const a = matrix(d)
    for (const mode of ['reduced', 'complete'] as const) {
      const [q, r] = linalg.qr(a, { mode })
      near(matmul(q, r), a, d.dtype, 5)
      isOrthonormal(q, d.dtype)
      expect(r.toArray()).toEqual(triu(r).toArray())
    }
  })

  test.prop([draw], once)('U diag(s) V^T is the matrix, with orthonormal vectors and descending values', (d) => {
    const a = matrix(d)
    const k = Math.min(d.m, d.n)
    const [u, s, vh] = linalg.svd(a, { fullMatrices: false })
    near(matmul(u.mul(s.expandDims(-2)), vh), a, d.dtype, 5)
    isOrthonormal(u, d.dtype)
    isOrthonormal(vh.mT, d.dtype)
    expect(s.greaterEqual(0).all().item()).toBe(true)
    expect(s.slice('...', '1:').lessEqual(s.slice('...', ':-1')).all().item()).toBe(true)
    near(linalg.svdvals(a), s, d.dtype)
    const [wide, , high] = linalg.svd(a)
    isOrthonormal(wide, d.dtype)
    isOrthonormal(high, d.dtype)
    near(wide.slice('...', `:${k}`), u, d.dtype)
  })

  test.prop([draw], once)('a matrix of low rank keeps orthonormal singular vectors', (d) => {
    const a = matmul(normal(d.seed, [...d.batch, d.m, 1], d.dtype), normal(d.seed + 1, [...d.batch, 1, d.n], d.dtype))
    const [u, s, vh] = linalg.svd(a)
    isOrthonormal(u, d.dtype)
    isOrthonormal(vh.mT, d.dtype)
    expect(greatest(s.slice('...', '1:'))).toBeLessThan(precision[d.dtype] * 10)
    expect(linalg.matrixRank(a).equal(1).all().item()).toBe(true)
  })

  test.prop([draw], once)('the eigenvectors diagonalise a symmetric matrix', (d) => {
    const x = square(d)
    const a = x.add(x.mT).mul(0.5)
    const [w, v] = linalg.eigh(a)
    near(matmul(a, v), v.mul(w.expandDims(-2)), d.dtype, 20)
    isOrthonormal(v, d.dtype)
    expect(w.slice('...', '1:').greaterEqual(w.slice('...', ':-1')).all().item()).toBe(true)
  })

  test.prop([draw], once)('P L U is the matrix, and L L^T the definite one', (d) => {
    const a = matrix(d)
    const [p, l, u] = linalg.lu(a)
    near(matmul(matmul(p, l), u), a, d.dtype, 5)
    expect([l.toArray(), u.toArray()]).toEqual([tril(l).toArray(), triu(u).toArray()])
    const definite = matmul(a, a.mT).add(eye(d.m).astype(d.dtype))
    const lower = linalg.cholesky(definite)
    near(matmul(lower, lower.mT), definite, d.dtype, 20)
  })

  test.prop([draw], once)('the pseudo-inverse satisfies the conditions of Penrose', (d) => {
    const a = matrix({ ...d, m: d.m + 2, n: Math.min(d.n, 2) })
    const p = linalg.pinv(a)
    const size = 10 * greatest(p) * Math.max(1, greatest(p))
    near(matmul(matmul(a, p), a), a, d.dtype, size)
    near(matmul(matmul(p, a), p), p, d.dtype, size)
    near(matmul(a, p), matmul(a, p).mT, d.dtype, size)
  })

  test.prop([draw], once)('the determinant of a product is the product of determinants', (d) => {
    const n = Math.min(d.n, 4)
    const [a, b] = [normal(d.seed, [n, n], d.dtype), normal(d.seed + 1, [n, n], d.dtype)]
    near(linalg.det(matmul(a, b)), linalg.det(a).mul(linalg.det(b)), d.dtype, 100)
    const [sign, logarithm] = linalg.slogdet(a)
    near(sign.mul(logarithm.exp()), linalg.det(a), d.dtype, 10)
  })

  test.prop([draw], once)('compiled is the same to the bit', (d) => {
    const a = square(d)
    const f = (x: Tensor): Tensor[] => [
      linalg.inv(x),
      ...linalg.qr(x),
      ...linalg.svd(x),
      ...linalg.eigh(x),
      linalg.expm(x),
    ]
    const bits = (ts: readonly Tensor[]): unknown => ts.map((t) => [...t.dataSync()])
    expect(bits(jit(f)(a) as Tensor[])).toEqual(bits(f(a)))
  })

  test('what is not definite, or not finite, gives NaN and no exception', () => {
    const every = (x: Tensor): boolean => x.isnan().all().item() as boolean
    expect(
      linalg
        .cholesky(
          array([
            [1, 2],
            [2, 1],
          ]),
        )
        .isnan()
        .any()
        .item(),
    ).toBe(true)
    const broken = array([
      [NaN, 1],
      [1, 2],
    ])
    for (const x of [linalg.svdvals(broken), ...linalg.svd(broken), ...linalg.eigh(broken), linalg.expm(broken)])
      expect(every(x)).toBe(true)
    expect(
      linalg
        .inv(
          array([
            [1, 2],
            [2, 4],
          ]),
        )
        .isfinite()
        .all()
        .item(),
    ).toBe(false)
  })

  test('half-width floats and integers are computed in full and rounded', () => {
    const a = array([
      [4, 2],
      [2, 3],
    ])
    for (const dtype of ['float16', 'bfloat16'] as const) {
      expect(linalg.inv(a.astype(dtype)).dtype).toBe(dtype)
      expect(linalg.inv(a.astype(dtype)).toArray()).toEqual(linalg.inv(a).astype(dtype).toArray())
    }
    expect(linalg.inv(a.astype('int8')).dtype).toBe('float32')
  })

  test('larger matrices are factored as exactly', () => {
    const a = normal(5, [60, 60], 'float64')
    const [u, s, vh] = linalg.svd(a)
    near(matmul(u.mul(s), vh), a, 'float64', 10)
    const [w, v] = linalg.eigh(a)
    near(matmul(v.mul(w), v.mT), a.add(a.mT).mul(0.5), 'float64', 10)
    const [q, r] = linalg.qr(a)
    near(matmul(q, r), a, 'float64', 10)
  })

  test('errors name the function, what was got and the remedy', () => {
    expect(() => linalg.inv(array([[1, 2]]))).toThrow(
      'linalg.inv: needs square matrices in the last two axes, got shape (1, 2)',
    )
    expect(() => linalg.svd(array([1, 2]))).toThrow(ShapeError)
    expect(() => linalg.det(random.key(0))).toThrow(DtypeError)
    expect(() => linalg.solve(eye(2), array([1, 2, 3]))).toThrow('linalg.solve: b needs 2 rows for a of shape (2, 2)')
    expect(() => linalg.norm(eye(2), { ord: 3 })).toThrow(RangeError)
    expect(() => fft.rfft({ real: array([1]), imag: array([1]) })).toThrow(TypeError)
  })
})
