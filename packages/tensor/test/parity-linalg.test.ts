import { type Case, load } from './fixture.js'
import { libraryOf } from './library.js'
import { parity, runCase, runCompiled } from './parity.js'

const cases = load<Case>(import.meta.url, 'linalg')
const library = libraryOf('linalg', cases)
parity('linalg', cases, (c) => runCase(library, c))
parity('linalg compiled', cases, (c) => runCompiled(library, c))
