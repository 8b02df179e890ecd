import type { Equation, Program } from '@linum/tensor'
import { carriesProgram, sizeOf } from '@linum/tensor/core'

type Cost<K extends Equation['primitive']> = (equation: Extract<Equation, { readonly primitive: K }>) => number

const elements = (atom: Equation['inputs'][number] | undefined): number =>
  atom === undefined ? 0 : sizeOf(atom.aval.shape)

const arithmetic: ReadonlySet<string> = new Set(
  'add sub mul div rem max min neg abs sign floor ceil round and or xor not eq ne lt le gt ge select convert is_finite shift_left shift_right_logical shift_right_arithmetic'.split(
    ' ',
  ),
)

const reductions: ReadonlySet<string> = new Set(
  'reduce_sum reduce_prod reduce_max reduce_min reduce_and reduce_or argmax argmin cumsum'.split(' '),
)

const dot: Cost<'dot_general'> = ({ inputs: [a], outputs: [out], params: { contract } }) =>
  2 * elements(out) * contract[0].reduce((n, axis) => n * a!.aval.shape[axis]!, 1)

const convolution: Cost<'conv_general_dilated'> = ({ inputs: [, kernel], outputs: [out] }) =>
  2 * elements(out) * sizeOf(kernel!.aval.shape.slice(0, -1))

const reduction = ({ inputs: [x], outputs: [out] }: Equation): number => elements(x) - elements(out)

const window: Cost<'reduce_window'> = ({ outputs: [out], params }) => elements(out) * (sizeOf(params.window) - 1)

const nested = (equation: Equation): number => {
  switch (equation.primitive) {
    case 'scan':
      return equation.params.length * flopsOf(equation.params.body)
    case 'cond':
      return Math.max(...equation.params.branches.map(flopsOf))
    case 'while':
      return flopsOf(equation.params.test) + flopsOf(equation.params.body)
    case 'jit':
    case 'checkpoint':
    case 'custom_jvp':
    case 'custom_vjp':
      return flopsOf(equation.params.program)
    default:
      return 0
  }
}

const costOf = (equation: Equation): number => {
  const { primitive } = equation
  if (primitive === 'dot_general') return dot(equation)
  if (primitive === 'conv_general_dilated') return convolution(equation)
  if (primitive === 'reduce_window') return window(equation)
  if (primitive === 'fma') return 2 * elements(equation.outputs[0])
  if (arithmetic.has(primitive)) return elements(equation.outputs[0])
  if (reductions.has(primitive)) return reduction(equation)
  return carriesProgram(primitive) ? nested(equation) : 0
}

/**
 * How many operations a program takes: two for every product that is summed, one for every other operation on an element
 * and every element that is reduced. Functions such as exp do not count, nor does moving data; of a `while` one step does.
 */
export const flopsOf = (program: Program): number => program.equations.reduce((sum, e) => sum + costOf(e), 0)
