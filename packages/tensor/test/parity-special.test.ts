import * as np from '@linum/tensor'
import { expect, test } from 'vitest'
import { type Case, load } from './fixture.js'
import { parity, runCase, runCompiled } from './parity.js'

const library = np as unknown as Record<string, unknown>

for (const name of ['special', 'stats']) {
  const cases = load<Case>(import.meta.url, name)
  parity(name, cases, (c) => runCase(library, c))
  parity(`${name} compiled`, cases, (c) => runCompiled(library, c))
}

test('every function of every distribution is compared with the reference', () => {
  const compared = new Set(load<Case>(import.meta.url, 'stats').map((c) => c.fn))
  const names = Object.entries(np.stats).flatMap(([distribution, functions]) =>
    Object.keys(functions).map((fn) => `stats.${distribution}.${fn}`),
  )
  expect(names.length).toBeGreaterThan(30)
  expect(names.filter((name) => !compared.has(name))).toEqual([])
})
