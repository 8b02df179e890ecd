import * as np from '@linum/tensor'
import { type Case, load } from './fixture.js'
import { parity, runCase, runCompiled } from './parity.js'

type Fn = (...args: readonly unknown[]) => unknown

/** Results as lists of tensors: a complex array as its two parts. */
const parts =
  (f: Fn): Fn =>
  (...args) => {
    const found = f(...args)
    return found instanceof np.Tensor ? [found] : [(found as np.fft.Complex).real, (found as np.fft.Complex).imag]
  }

const complex = new Set(
  load<Case>(import.meta.url, 'fft').flatMap((c) => (c.expects === undefined ? [] : [c.fn.replace('fft.', '')])),
)
const fft = Object.fromEntries(
  Object.entries(np.fft).map(([name, f]) => [name, complex.has(name) ? parts(f as Fn) : f]),
)

const cases = load<Case>(import.meta.url, 'fft')
parity('fft', cases, (c) => runCase({ fft }, c))
parity('fft compiled', cases, (c) => runCompiled({ fft }, c))
