import { random } from '@linum/tensor'
import { type Case, load } from './fixture.js'
import { parity, runCase, runCompiled } from './parity.js'

const library = random as unknown as Record<string, unknown>
const cases = load<Case>(import.meta.url, 'random')

parity('random', cases, (c) => runCase(library, c))
parity('random compiled', cases, (c) => runCompiled(library, c))
