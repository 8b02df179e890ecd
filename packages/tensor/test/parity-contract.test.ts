import * as np from '@linum/tensor'
import { type Case, load, parity, runCase } from './fixture.js'

for (const name of ['contract', 'index', 'refuse']) {
  parity(name, load<Case>(import.meta.url, name), (c) => runCase(np as unknown as Record<string, unknown>, c))
}
