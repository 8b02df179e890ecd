import * as np from '@linum/tensor'
import { type Case, load } from './fixture.js'
import { parity, runCase, runCompiled } from './parity.js'

const library = np as unknown as Record<string, unknown>

const cases = load<Case>(import.meta.url, 'statistics')
parity('statistics', cases, (c) => runCase(library, c))
parity('statistics compiled', cases, (c) => runCompiled(library, c))
