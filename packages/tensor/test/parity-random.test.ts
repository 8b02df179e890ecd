import { random } from '@linum/tensor'
import { type Case, load, parity, runCase } from './fixture.js'

parity('random', load<Case>(import.meta.url, 'random'), (c) => runCase(random as unknown as Record<string, unknown>, c))
