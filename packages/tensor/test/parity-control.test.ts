import { jit } from '@linum/tensor'
import { type ControlCase, runControl } from './control-programs.js'
import { load } from './fixture.js'
import { parity } from './parity.js'

const cases = load<ControlCase>(import.meta.url, 'control')
parity('control flow', cases, (c) => runControl(c, (f) => f))
parity('jitted control flow', cases, (c) => runControl(c, (f) => jit(f) as never))
