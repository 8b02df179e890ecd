import * as np from '@linum/tensor'
import { type Case, load } from './fixture.js'
import { parity, runCase, runCompiled } from './parity.js'

/** Vectors whose signs are arbitrary are compared by absolute value. */
const linalg = {
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
const library = { linalg }

const cases = load<Case>(import.meta.url, 'linalg')
parity('linalg', cases, (c) => runCase(library, c))
parity('linalg compiled', cases, (c) => runCompiled(library, c))
