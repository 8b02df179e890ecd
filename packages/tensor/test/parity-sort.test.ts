import * as np from '@linum/tensor'
import { type Case, load } from './fixture.js'
import { hasMethod, parity, runCase, runCompiled, runMethod } from './parity.js'

const library = np as unknown as Record<string, unknown>
const sorting = load<Case>(import.meta.url, 'sort')
const sets = load<Case>(import.meta.url, 'sets')

parity('sort', sorting, (c) => runCase(library, c))
parity('sort methods', sorting.filter(hasMethod), runMethod)
parity('sort compiled', sorting, (c) => runCompiled(library, c))
parity('sets', sets, (c) => runCase(library, c))
parity('sets compiled', sets, (c) => runCompiled(library, c))
// Results whose size depends on the values: outside traced functions only.
parity('sets of any size', load<Case>(import.meta.url, 'sets-eager'), (c) => runCase(library, c))
