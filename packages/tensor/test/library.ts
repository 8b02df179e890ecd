import * as np from '@linum/tensor'
import type { Case } from './comparison.js'

type Fn = (...args: readonly unknown[]) => unknown
type Library = Readonly<Record<string, unknown>>

/** Results as lists of tensors: a complex array as its two parts. */
const parts =
  (f: Fn): Fn =>
  (...args) => {
    const found = f(...args)
    return found instanceof np.Tensor ? [found] : [(found as np.fft.Complex).real, (found as np.fft.Complex).imag]
  }

const transforms = (cases: readonly Case[]): Library => {
  const complex = new Set(cases.flatMap((c) => (c.expects === undefined ? [] : [c.fn.replace('fft.', '')])))
  return Object.fromEntries(Object.entries(np.fft).map(([name, f]) => [name, complex.has(name) ? parts(f as Fn) : f]))
}

/** Vectors whose signs are arbitrary are compared by absolute value. */
const linalg: Library = {
  ...np.linalg,
  svd: (a: np.Tensor, options: { computeUv?: false }): unknown => {
    const found: unknown = np.linalg.svd(a, options as { computeUv: false })
    return Array.isArray(found) ? (found as np.Tensor[]).map((x) => x.abs()) : found
  },
  eigh: (a: np.Tensor, options: np.linalg.EighOptions): np.Tensor[] => {
    const [w, v] = np.linalg.eigh(a, options)
    return [w, v.abs()]
  },
}

const random = new Set(['random', 'samplers', 'large-random'])

/** Where the names in the cases of a fixture file are looked up, with results that can be compared. */
export const libraryOf = (fixture: string, cases: readonly Case[]): Library => {
  if (random.has(fixture)) return np.random as unknown as Library
  if (fixture === 'fft') return { fft: transforms(cases) }
  if (fixture === 'linalg') return { linalg }
  return np as unknown as Library
}
