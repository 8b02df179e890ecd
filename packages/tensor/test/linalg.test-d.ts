import { callRoutine, type Complex, defineRoutine, eye, fft, linalg, type Routine, type Tensor } from '@linum/tensor'
import { expectTypeOf, test } from 'vitest'

const a = eye(2)

test('modes decide what factorisations give', () => {
  expectTypeOf(linalg.qr(a)).toEqualTypeOf<[q: Tensor, r: Tensor]>()
  expectTypeOf(linalg.qr(a, { mode: 'r' })).toEqualTypeOf<Tensor>()
  expectTypeOf(linalg.svd(a, { fullMatrices: false })).toEqualTypeOf<[u: Tensor, s: Tensor, vh: Tensor]>()
  expectTypeOf(linalg.svd(a, { computeUv: false })).toEqualTypeOf<Tensor>()
  // @ts-expect-error there is no such mode
  linalg.qr(a, { mode: 'raw' })
  // @ts-expect-error nor such a norm
  linalg.norm(a, { ord: 'frobenius' })
})

test('transforms give complex arrays, inverse real ones tensors', () => {
  expectTypeOf(fft.rfft(a)).toEqualTypeOf<Complex>()
  expectTypeOf(fft.irfft(fft.rfft(a))).toEqualTypeOf<Tensor>()
  expectTypeOf(fft.fftshift(a)).toEqualTypeOf<Tensor>()
  expectTypeOf(fft.fftshift(fft.fft(a))).toEqualTypeOf<Complex>()
  // @ts-expect-error both parts are needed
  fft.fft({ real: a })
})

test('a routine says which parameters it takes', () => {
  const plain = defineRoutine({ name: 'plain', ranks: [0], types: ([x]) => [x!], compute: () => undefined })
  expectTypeOf(plain).toEqualTypeOf<Routine>()
  expectTypeOf(callRoutine(plain, [a])).toEqualTypeOf<readonly Tensor[]>()
  const scaled: Routine<{ readonly by: number }> = defineRoutine({
    name: 'scaled',
    ranks: [0],
    types: ([x]) => [x!],
    compute: ([x], [out], _types, { by }) => (out![0] = x![0]! * by),
  })
  callRoutine(scaled, [a], { by: 2 })
  // @ts-expect-error its parameters are needed
  callRoutine(scaled, [a])
  // @ts-expect-error and they are numbers
  callRoutine(scaled, [a], { by: '2' })
})
