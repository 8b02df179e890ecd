import { fc, test } from '@fast-check/vitest'
import { array, fft, jit, random, ShapeError, type Tensor, tree } from '@linum/tensor'
import { describe, expect } from 'vitest'

type Complex = fft.Complex
type Float = 'float32' | 'float64'

const precision: Readonly<Record<Float, number>> = { float32: 5e-7, float64: 1e-14 }

const draw = fc.record({
  seed: fc.nat(1e6),
  n: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(64, 101, 120, 127)),
  m: fc.integer({ min: 1, max: 5 }),
  dtype: fc.constantFrom<Float>('float32', 'float64'),
  norm: fc.constantFrom<fft.FftNorm>('backward', 'ortho', 'forward'),
})

const normal = (seed: number, shape: readonly number[], dtype: Float): Tensor =>
  random.normal(random.key(seed), shape).astype(dtype)
const complex = (seed: number, shape: readonly number[], dtype: Float): Complex => ({
  real: normal(seed, shape, dtype),
  imag: normal(seed + 1, shape, dtype),
})

const near = (got: Tensor, want: Tensor, dtype: Float, size: number): void => {
  expect(got.shape).toEqual(want.shape)
  expect(got.dtype).toBe(dtype)
  expect(got.sub(want).abs().max().item()).toBeLessThanOrEqual(precision[dtype] * size)
}
const bothNear = (got: Complex, want: Complex, dtype: Float, size: number): void => {
  near(got.real, want.real, dtype, size)
  near(got.imag, want.imag, dtype, size)
}

/** The definition, term by term. */
const slow = ({ real, imag }: Complex): Complex => {
  const [re, im] = [real.toArray() as number[], imag.toArray() as number[]]
  const n = re.length
  const sums = re.map((_, k) =>
    re.reduce<[number, number]>(
      ([a, b], x, j) => {
        const angle = (-2 * Math.PI * ((j * k) % n)) / n
        return [a + x * Math.cos(angle) - im[j]! * Math.sin(angle), b + x * Math.sin(angle) + im[j]! * Math.cos(angle)]
      },
      [0, 0],
    ),
  )
  return {
    real: array(
      sums.map(([a]) => a),
      { dtype: real.dtype },
    ),
    imag: array(
      sums.map(([, b]) => b),
      { dtype: real.dtype },
    ),
  }
}

describe('Fourier transforms', () => {
  test('a cosine has two lines', () => {
    const x = array(Array.from({ length: 8 }, (_, k) => Math.cos((2 * Math.PI * k) / 4)))
    expect(fft.abs(fft.fft(x)).round().toArray()).toEqual([0, 0, 4, 0, 0, 0, 4, 0])
    expect(fft.abs(fft.rfft(x)).round().toArray()).toEqual([0, 0, 4, 0, 0])
    expect(fft.irfft(fft.rfft(x)).sub(x).abs().max().item()).toBeLessThan(1e-6)
  })

  test.prop([draw], { numRuns: 40 })('every length is transformed as defined', ({ seed, n, dtype }) => {
    const x = complex(seed, [n], dtype)
    bothNear(fft.fft(x), slow(x), dtype, 10 * n)
  })

  test.prop([draw], { numRuns: 30 })('the inverse gives the array back', ({ seed, n, m, dtype, norm }) => {
    const x = complex(seed, [m, n], dtype)
    bothNear(fft.ifft(fft.fft(x, { norm }), { norm }), x, dtype, 10)
    bothNear(fft.ifft(fft.fft(x, { norm, axis: 0 }), { norm, axis: 0 }), x, dtype, 10)
    bothNear(fft.ifft2(fft.fft2(x, { norm }), { norm }), x, dtype, 10)
    near(fft.irfft(fft.rfft(x.real, { norm }), { n, norm }), x.real, dtype, 10)
    near(fft.irfftn(fft.rfftn(x.real, { norm }), { s: [m, n], norm }), x.real, dtype, 10)
    near(fft.hfft(fft.ihfft(x.real, { norm }), { n, norm }), x.real, dtype, 10)
  })

  test.prop([draw], { numRuns: 30 })('the energy is kept (Parseval)', ({ seed, n, dtype }) => {
    const x = complex(seed, [n], dtype)
    const energy = (z: Complex): Tensor => z.real.square().add(z.imag.square()).sum()
    near(energy(fft.fft(x, { norm: 'ortho' })), energy(x), dtype, 20 * n)
  })

  test.prop([draw], { numRuns: 20 })(
    'the real transform is the first half of the complex one',
    ({ seed, n, m, dtype }) => {
      const x = normal(seed, [m, n], dtype)
      const half = `:${Math.floor(n / 2) + 1}`
      const whole = fft.fftn(x)
      const want = { real: whole.real.slice(':', half), imag: whole.imag.slice(':', half) }
      bothNear(fft.rfftn(x), want, dtype, 10 * n * m)
    },
  )

  test.prop([draw], { numRuns: 20 })('products of transforms are cyclic convolutions', ({ seed, m }) => {
    const [x, y] = [normal(seed, [m], 'float64'), normal(seed + 1, [m], 'float64')]
    const [a, b] = [x.toArray() as number[], y.toArray() as number[]]
    const want = a.map((_, k) => a.reduce((total, v, j) => total + v * b[(k - j + m) % m]!, 0))
    const got = fft.ifft(fft.multiply(fft.fft(x), fft.fft(y)))
    near(got.real, array(want, { dtype: 'float64' }), 'float64', 100)
  })

  test('shifts undo each other, of real and complex arrays', () => {
    const x = complex(3, [5, 4], 'float32')
    const back = fft.ifftshift(fft.fftshift(x))
    expect([back.real.toArray(), back.imag.toArray()]).toEqual([x.real.toArray(), x.imag.toArray()])
    expect(fft.fftshift(fft.fftfreq(4)).toArray()).toEqual([-0.5, -0.25, 0, 0.25])
  })

  test('a complex array is a tree, which compiled functions take and give', () => {
    const x = complex(1, [6], 'float32')
    const f = (z: Complex): Complex => fft.conj(fft.fft(z))
    const bits = (z: Complex): unknown => tree.leaves(z).map((t) => [...(t as Tensor).dataSync()])
    expect(bits(jit(f as never)(x as never) as unknown as Complex)).toEqual(bits(f(x)))
  })

  test('numbers and half-width floats become float32, float64 stays', () => {
    expect(fft.fft(array([1, 2], { dtype: 'float16' })).real.dtype).toBe('float32')
    expect(fft.fft(array([1, 2], { dtype: 'int32' })).imag.dtype).toBe('float32')
    expect(fft.rfft(array([1, 2], { dtype: 'float64' })).imag.dtype).toBe('float64')
    expect(fft.multiply({ real: 1, imag: 2 }, array([3])).imag.toArray()).toEqual([6])
  })

  test('errors name the function, what was got and the remedy', () => {
    expect(() => fft.rfft(complex(0, [2], 'float32'))).toThrow('fft.rfft: needs a real array, got a complex one')
    expect(() => fft.fft(array([1]), { n: 0 })).toThrow(ShapeError)
    expect(() => fft.fft(array([1]), { norm: 'unit' as never })).toThrow("fft.fft: unknown norm, got 'unit'")
    expect(() => fft.fftn(array([[1]]), { axis: [0, 0] })).toThrow('axes must differ')
    expect(() => fft.fft({ real: array([1, 2]), imag: array([1, 2, 3]) })).toThrow(ShapeError)
  })
})
