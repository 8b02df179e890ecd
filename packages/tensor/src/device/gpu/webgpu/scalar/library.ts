import { bitFunctions } from './bits.js'
import { compareFunctions } from './compare.js'
import { convertFunctions } from './convert.js'
import { errorFunctions } from './error-function.js'
import { exponentialFunctions } from './exponential.js'
import { fmaFunctions } from './fma.js'
import { halfFunctions } from './halves.js'
import { hyperbolicFunctions } from './hyperbolic.js'
import { integerFunctions } from './integer.js'
import { inverseTrigonometryFunctions } from './inverse-trigonometry.js'
import { logarithmFunctions } from './logarithm.js'
import { pairFunctions } from './pair.js'
import { powerFunctions } from './power.js'
import { remainderFunctions } from './remainder.js'
import { threefryFunctions } from './threefry.js'
import { trigonometryFunctions } from './trigonometry.js'

type Library = typeof bitFunctions &
  typeof halfFunctions &
  typeof compareFunctions &
  typeof integerFunctions &
  typeof convertFunctions &
  typeof exponentialFunctions &
  typeof logarithmFunctions &
  typeof pairFunctions &
  typeof powerFunctions &
  typeof trigonometryFunctions &
  typeof inverseTrigonometryFunctions &
  typeof hyperbolicFunctions &
  typeof errorFunctions &
  typeof remainderFunctions &
  typeof fmaFunctions &
  typeof threefryFunctions

const library: Library = {
  ...bitFunctions,
  ...halfFunctions,
  ...compareFunctions,
  ...integerFunctions,
  ...convertFunctions,
  ...exponentialFunctions,
  ...logarithmFunctions,
  ...pairFunctions,
  ...powerFunctions,
  ...trigonometryFunctions,
  ...inverseTrigonometryFunctions,
  ...hyperbolicFunctions,
  ...errorFunctions,
  ...remainderFunctions,
  ...fmaFunctions,
  ...threefryFunctions,
}

/** A function that shaders may declare and call by its name. Those of floats have the suffix `_float32` for all of them. */
export type WgslFunction = keyof Library

const names = Object.keys(library) as readonly WgslFunction[]

/** The declarations that each one's text uses. */
const uses = new Map<WgslFunction, readonly WgslFunction[]>(
  names.map((name) => {
    const called = new Set(Array.from(library[name].matchAll(/\b(\w+)\(/g), (match) => match[1]))
    return [name, names.filter((other) => other !== name && called.has(other))]
  }),
)

/** The sources of functions and of all that they need, each once and after what it needs. */
export const declarationsOf = (wanted: Iterable<WgslFunction>): readonly string[] => {
  const found = new Set<WgslFunction>()
  const add = (name: WgslFunction): void => {
    if (found.has(name)) return
    for (const other of uses.get(name)!) add(other)
    found.add(name)
  }
  for (const name of wanted) add(name)
  return Array.from(found, (name) => library[name])
}
