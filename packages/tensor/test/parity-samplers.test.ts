import { random } from '@linum/tensor'
import { type Case, load } from './fixture.js'
import { parity, runCase, runCompiled } from './parity.js'

const library = random as unknown as Record<string, unknown>
const cases = load<Case>(import.meta.url, 'samplers')

parity('samplers', cases, (c) => runCase(library, c))
parity('samplers compiled', cases, (c) => runCompiled(library, c))
