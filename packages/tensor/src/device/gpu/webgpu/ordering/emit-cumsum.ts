import { isFloat, isSigned, type StoredDType } from '../../../../core/dtype.js'
import type { Routine } from '../../../../program/schedule.js'
import { declarationsOf, type WgslFunction } from '../scalar/library.js'
import { scalarText } from '../scalar/scalar-text.js'
import type { Dispatch, Shader, StepCode } from '../shader.js'
import { loadText, storeText } from '../words.js'
import { countOf, elementsOf } from './lines.js'
import { chunkLength, scanChunks, walkText } from './scan-chunks.js'
import { Temporaries } from './temporaries.js'

type Plan = Extract<Routine, { name: 'cumsum' }>

const threads = 256
/** The longest lines that one thread walks alone. */
const alone = 32

/** What sums run in: float32 for the halves, 32 bits for the narrow integers. */
const wideOf = (dtype: StoredDType): StoredDType => (isFloat(dtype) ? 'float32' : isSigned(dtype) ? 'int32' : 'uint32')

/** A sum as `dtype` holds it, and the functions that takes. */
interface Rounding {
  readonly declarations: readonly string[]
  text(sum: string): string
}

const roundingTo = (dtype: StoredDType): Rounding => {
  const wide = wideOf(dtype)
  if (wide === dtype) return { declarations: [], text: (sum) => sum }
  const used = new Set<WgslFunction>()
  const use = (name: WgslFunction): string => {
    used.add(name)
    return name
  }
  const text = (sum: string): string => scalarText('convert', [sum], dtype, wide, use)
  text('x')
  return { declarations: declarationsOf(used), text }
}

/** One line after the other. Operands and parameters but the last as of `scanChunks`, without the chunks' sums. */
const walkLines = (dtype: StoredDType, { declarations, text }: Rounding): Shader => ({
  operands: ['read', 'write'],
  threads,
  params: 4,
  declarations,
  body: `let line = group * ${threads} + lane;
if (line >= p0) { return; }
var total = ${loadText('0u', dtype)};
for (var i = 0; i < p1; i++) {
  let place = ${walkText('i')};
  total += ${loadText('$0[place]', dtype)};
  $1[place] = ${storeText(text('total'), dtype)};
}`,
})

/** Adds the sum of all chunks before to the running sums. Operands: the chunks' running sums, what becomes the result. */
const addChunks = (dtype: StoredDType, { declarations, text }: Rounding): Shader => ({
  operands: ['read', 'write'],
  threads,
  params: 5,
  declarations,
  body: `let t = group * ${threads} + lane;
if (t >= p0 * p1) { return; }
let line = t / p1;
let i = t % p1;
let chunk = i / ${chunkLength};
let place = ${walkText('i')};
var sum = ${loadText('$1[place]', dtype)};
if (chunk > 0) { sum = ${loadText('$0[line * p4 + chunk - 1]', dtype)} + sum; }
$1[place] = ${storeText(text('sum'), dtype)};`,
})

/** Scans operand `from` into `into`, by chunks of the chunks' sums where there are many. */
const scan = (
  plan: Omit<Plan, 'name'>,
  dtype: StoredDType,
  from: number,
  into: number,
  temporaries: Temporaries,
): readonly Dispatch[] => {
  const wide = wideOf(dtype)
  const lines = countOf(plan)
  const chunks = Math.ceil(plan.length / chunkLength)
  const params = [lines, plan.length, plan.inner, Number(plan.reverse), chunks]
  const rounding = roundingTo(dtype)
  const sums = temporaries.add(lines * chunks)
  const { declarations, text } = chunks === 1 ? rounding : roundingTo(wide)
  const local: Dispatch = {
    shader: scanChunks(wide, declarations, text),
    operands: [from, into, sums],
    params,
    groups: lines * chunks,
  }
  if (chunks === 1) return [local]
  const before = temporaries.add(lines * chunks)
  return [
    local,
    ...scan({ outer: lines, length: chunks, inner: 1, reverse: false }, wide, sums, before, temporaries),
    {
      shader: addChunks(wide, rounding),
      operands: [before, into],
      params,
      groups: Math.ceil(elementsOf(plan) / threads),
    },
  ]
}

/**
 * Running sums along an axis, in an order that depends on its length alone. The halves add up in float32 and round each
 * sum; integers wrap.
 */
export const emitCumsum = (routine: Plan, dtype: StoredDType): StepCode => {
  if (elementsOf(routine) === 0) return { dispatches: [], temporaries: [] }
  const { length, inner, reverse } = routine
  const lines = countOf(routine)
  if (length <= alone) {
    const dispatch = {
      shader: walkLines(wideOf(dtype), roundingTo(dtype)),
      operands: [0, 1],
      params: [lines, length, inner, Number(reverse)],
      groups: Math.ceil(lines / threads),
    }
    return { dispatches: [dispatch], temporaries: [] }
  }
  const temporaries = new Temporaries(2)
  return { dispatches: scan(routine, dtype, 0, 1, temporaries), temporaries: temporaries.words }
}
