import { ShapeError } from '../../core/errors.js'
import { formatShape } from '../../core/shape.js'

/** One label per axis: a letter of the subscripts, or `...k` for the k-th axis from the right under an ellipsis. */
export type Labels = readonly string[]

export interface EinsumSpec {
  readonly operands: readonly Labels[]
  readonly output: Labels
}

const isLetter = (c: string): boolean => /^[A-Za-z]$/.test(c)

const refuse = (subscripts: string, why: string): never => {
  throw new ShapeError(`einsum: ${why}, got '${subscripts}'; write subscripts as in 'ij,jk->ik'`)
}

/** The labels of one term; an ellipsis stands for `hidden` axes. */
const labelsOf = (subscripts: string, term: string, hidden: number): Labels => {
  const parts = term.split('...')
  if (parts.length > 2 || parts.some((p) => [...p].some((c) => !isLetter(c))))
    refuse(subscripts, `'${term}' is no list of letters with at most one ellipsis`)
  const [before, after] = parts.map((p) => [...p])
  if (after === undefined) return before!
  return [...before!, ...Array.from({ length: hidden }, (_, k) => `...${hidden - 1 - k}`), ...after]
}

/** Reads subscripts for operands of given shapes. Without `->` the result has the letters that occur once, in order. */
export const parseEinsum = (subscripts: string, shapes: readonly (readonly number[])[]): EinsumSpec => {
  const text = subscripts.replaceAll(' ', '')
  const [left, right, ...more] = text.split('->')
  if (more.length > 0) refuse(subscripts, 'there must be at most one arrow')
  const terms = left!.split(',')
  if (terms.length !== shapes.length) refuse(subscripts, `there must be one term for each of ${shapes.length} operands`)
  const operands = terms.map((term, i): Labels => {
    const letters = term.replace('...', '').length
    const { length } = shapes[i]!
    if (term.includes('...') ? length < letters : length !== letters)
      refuse(subscripts, `'${term}' must name the axes of an operand of shape ${formatShape(shapes[i]!)}`)
    return labelsOf(subscripts, term, length - letters)
  })
  const all = operands.flat()
  const hidden = Math.max(0, ...operands.map((labels) => labels.filter((l) => !isLetter(l)).length))
  if (right === undefined) {
    const once = [...new Set(all)].filter((l) => isLetter(l) && all.indexOf(l) === all.lastIndexOf(l)).sort()
    return { operands, output: [...labelsOf(subscripts, '...', hidden), ...once] }
  }
  const output = labelsOf(subscripts, right, hidden)
  if (new Set(output).size !== output.length) refuse(subscripts, 'the result must name each label once')
  const unknown = output.find((l) => !all.includes(l))
  if (unknown !== undefined) refuse(subscripts, `the result has a label '${unknown}' that no operand has`)
  return { operands, output }
}
