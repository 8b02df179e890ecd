import * as np from '@linum/tensor'
import { type Case, load } from './fixture.js'
import { parity, runCase } from './parity.js'

parity('large', load<Case>(import.meta.url, 'large'), (c) => runCase(np as unknown as Record<string, unknown>, c))
parity('large random', load<Case>(import.meta.url, 'large-random'), (c) =>
  runCase(np.random as unknown as Record<string, unknown>, c),
)
