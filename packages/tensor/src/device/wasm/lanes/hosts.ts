import * as H from '../../js/scalar-functions.js'
import { f64, type ValueType } from '../asm/function.js'

/** A function that the engine runs outside of WebAssembly. */
export interface HostFunction {
  readonly params: readonly ValueType[]
  readonly results: readonly ValueType[]
  readonly run: (...args: number[]) => number
  /** Whether every thread has it by itself: a function of `Math`. */
  readonly everywhere: boolean
}

const one: readonly ValueType[] = [f64]
const two: readonly ValueType[] = [f64, f64]

const host = (params: readonly ValueType[], run: (...args: number[]) => number, everywhere: boolean): HostFunction => ({
  params,
  results: one,
  run,
  everywhere,
})

const mathUnary = [
  'exp',
  'expm1',
  'log',
  'log1p',
  'sin',
  'cos',
  'tan',
  'tanh',
  'sinh',
  'cosh',
  'asin',
  'acos',
  'atan',
  'asinh',
  'acosh',
  'atanh',
  'cbrt',
] as const
const mathBinary = ['pow', 'atan2'] as const

const entries: readonly (readonly [string, HostFunction])[] = [
  ...mathUnary.map((name) => [`Math.${name}`, host(one, Math[name], true)] as const),
  ...mathBinary.map((name) => [`Math.${name}`, host(two, Math[name], true)] as const),
  ['erf', host(one, H.erf, false)],
  ['erfc', host(one, H.erfc, false)],
  ['erfInvDouble', host(one, H.erfInvDouble, false)],
  ['rem', host(two, (x, y) => x! % y!, false)],
]

/** What operations on float64 call, by the name that `LaneEmitter.host` is asked for. */
export const hostFunctions: Readonly<Record<string, HostFunction>> = Object.fromEntries(entries)
