import * as np from '@linum/tensor'
import { isTraceable, runUpdate, runUpdateCompiled, type UpdateCase } from './at-updates.js'
import { type Case, load } from './fixture.js'
import { hasMethod, parity, runCase, runCompiled, runMethod } from './parity.js'

const library = np as unknown as Record<string, unknown>

for (const name of ['advanced', 'dynamic', 'positions', 'layout']) {
  const cases = load<Case>(import.meta.url, name)
  parity(name, cases, (c) => runCase(library, c))
  if (cases.some(hasMethod)) parity(`${name} as methods`, cases.filter(hasMethod), runMethod)
  parity(`${name} compiled`, cases, (c) => runCompiled(library, c))
}

// The elements of a mask decide the shape: nothing to compile.
const masks = load<Case>(import.meta.url, 'masks')
parity('masks', masks, (c) => runCase(library, c))
parity('masks as methods', masks.filter(hasMethod), runMethod)

const updates = load<UpdateCase>(import.meta.url, 'at')
parity('at', updates, runUpdate)
parity('at compiled', updates.filter(isTraceable), runUpdateCompiled)
