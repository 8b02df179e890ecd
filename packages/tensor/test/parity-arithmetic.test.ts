import * as np from '@linum/tensor'
import { type Case, load } from './fixture.js'
import { hasMethod, parity, runCase, runCompiled, runMethod } from './parity.js'

const library = np as unknown as Record<string, unknown>

const cases = load<Case>(import.meta.url, 'arithmetic')
parity('arithmetic', cases, (c) => runCase(library, c))
parity('arithmetic as methods', cases.filter(hasMethod), runMethod)
parity('arithmetic compiled', cases, (c) => runCompiled(library, c))
