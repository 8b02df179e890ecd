import * as np from '@linum/tensor'
import { expect, test } from 'vitest'
import { type Case, load } from './fixture.js'
import { parity, runCase, runCompiled } from './parity.js'

const library = np as unknown as Record<string, unknown>
const cases = ['signal', 'segments', 'image'].flatMap((name) => load<Case>(import.meta.url, name))

parity('signal', cases, (c) => runCase(library, c))
parity('signal compiled', cases, (c) => runCompiled(library, c))

test('every function of image is compared with the reference', () => {
  const compared = new Set(cases.map((c) => c.fn))
  expect(Object.keys(np.image).filter((name) => !compared.has(`image.${name}`))).toEqual([])
})
