import * as np from '@linum/tensor'
import { type Case, load } from './fixture.js'
import { hasMethod, parity, runCase, runCompiled, runMethod } from './parity.js'

const library = np as unknown as Record<string, unknown>

for (const name of ['contract', 'index']) {
  const cases = load<Case>(import.meta.url, name)
  parity(name, cases, (c) => runCase(library, c))
  parity(`${name} as methods`, cases.filter(hasMethod), runMethod)
  parity(`${name} compiled`, cases, (c) => runCompiled(library, c))
}

const refused = load<Case>(import.meta.url, 'refuse')
parity('refuse', refused, (c) => runCase(library, c))
parity('refuse as methods', refused.filter(hasMethod), runMethod)
