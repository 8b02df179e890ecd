import { fc, test } from '@fast-check/vitest'
import { jit, setDefaultDevice, type Tensor } from '@linum/tensor'
import { addDevice, JsDevice } from '@linum/tensor/core'
import { afterEach, expect } from 'vitest'
import { elements, type RandomProgram, randomProgram, runProgram } from './random-program.js'

class Interpreted extends JsDevice {
  override readonly name = 'interpreted'
  constructor() {
    super({ interpret: true })
  }
}
addDevice(new Interpreted())
afterEach(() => setDefaultDevice('js'))

/** Shape, dtype and every bit; NaN equals NaN. */
const describeValue = (x: Tensor): string => `${x.dtype}${x.weak ? '*' : ''}[${x.shape.join()}] ${Array.from(x.dataSync(), (v) => (Object.is(v, -0) ? '-0' : String(v))).join(' ')}`

const evaluate = (device: string, program: RandomProgram, compiled: boolean): string[] => {
  setDefaultDevice(device)
  const inputs = program.inputs.map(elements)
  const run = (...xs: Tensor[]): Tensor[] => runProgram(program, xs)
  return (compiled ? jit(run) : run)(...inputs).map(describeValue)
}

test.prop([randomProgram(16)], { numRuns: Number(process.env['RUNS'] ?? 400) })('x', (program) => {
  expect(evaluate('js', program, true)).toEqual(evaluate('js', program, false))
  expect(evaluate('interpreted', program, true)).toEqual(evaluate('js', program, false))
})
