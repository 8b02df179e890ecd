import { random } from '@linum/tensor'
import { type Case, load, parity, runCase, runCompiled } from './fixture.js'

const library = random as unknown as Record<string, unknown>
const cases = load<Case>(import.meta.url, 'random')

parity('random', cases, (c) => runCase(library, c))
parity('random compiled', cases, (c) => runCompiled(library, c))
