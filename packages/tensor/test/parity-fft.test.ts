import { type Case, load } from './fixture.js'
import { libraryOf } from './library.js'
import { parity, runCase, runCompiled } from './parity.js'

const cases = load<Case>(import.meta.url, 'fft')
const library = libraryOf('fft', cases)
parity('fft', cases, (c) => runCase(library, c))
parity('fft compiled', cases, (c) => runCompiled(library, c))
