import { abs, type ArrayOps, linalg, matmul, maximum, mul, rsqrt, sqrt, square, sum, type Tensor } from '@linum/tensor'

/** The coefficients a, b, c of the polynomial a X + (b A + c A²) X with A = X Xᵀ, for one step. */
export type Coefficients = readonly [number, number, number]

/** What brings the singular values of a matrix into [0, 1] before the first step. */
export type Preconditioning = 'frobenius' | 'spectral' | 'aol' | 'schatten'

export interface Orthogonalization {
  readonly coefficients: readonly Coefficients[]
  readonly preconditioning: Preconditioning
  readonly eps: number
}

const gram = (x: Tensor): Tensor => matmul(x, x.mT)

const polynomial = (x: Tensor, a: Tensor, [c0, c1, c2]: Coefficients): Tensor =>
  mul(x, c0).add(matmul(mul(a, c1).add(matmul(mul(a, c2), a)), x))

const normed = (x: Tensor, norm: Tensor, eps: number): Tensor => x.div(norm.add(eps))

/** x and x xᵀ scaled as the preconditioning asks. */
const prepare = (x: Tensor, preconditioning: Preconditioning, eps: number): readonly [x: Tensor, gram: Tensor] => {
  const matrix = { axis: [-2, -1], keepdims: true } as const
  const a = gram(x)
  if (preconditioning === 'aol') {
    const s = rsqrt(maximum(sum(abs(a), { axis: -1, keepdims: true }), eps))
    return [mul(x, s), mul(a, s).mul(s.mT)]
  }
  if (preconditioning === 'schatten') {
    const s = rsqrt(maximum(sqrt(sum(square(a), matrix)), eps))
    return [mul(x, s), mul(a, square(s))]
  }
  const norm =
    preconditioning === 'frobenius'
      ? sqrt(sum(square(x), matrix))
      : linalg.norm(x, { ord: 2, axis: [-2, -1], keepdims: true })
  const scaled = normed(x, norm, eps)
  return [scaled, gram(scaled)]
}

/**
 * The nearest matrices with orthogonal rows or columns, about, by Newton-Schulz iterations: singular values become 1,
 * give or take what the coefficients leave. Shape [..., rows, columns].
 */
export const orthogonalize = (
  matrices: ArrayOps,
  { coefficients, preconditioning, eps }: Orthogonalization,
): Tensor => {
  const given = matrices.asTensor()
  const tall = given.shape.at(-2)! > given.shape.at(-1)!
  const start = tall ? given.mT : given
  const result = coefficients.reduce<Tensor>((x, step, i) => {
    if (i > 0) return polynomial(x, gram(x), step)
    const [scaled, a] = prepare(
      x,
      preconditioning,
      preconditioning === 'aol' || preconditioning === 'schatten' ? 1e-8 : eps,
    )
    return polynomial(scaled, a, step)
  }, start)
  return tall ? result.mT : result
}
