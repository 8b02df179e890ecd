import * as np from '@linum/tensor'
import { type Case, load } from './fixture.js'
import { parity, runCase, runCompiled } from './parity.js'

const library = np as unknown as Record<string, unknown>

for (const name of ['conv', 'window', 'einsum']) {
  const cases = load<Case>(import.meta.url, name)
  parity(name, cases, (c) => runCase(library, c))
  parity(
    `${name} compiled`,
    cases.filter((c) => c.error === undefined),
    (c) => runCompiled(library, c),
  )
}
