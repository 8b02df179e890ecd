import { dtypeShort, type TypedArray } from '../core/dtype.js'
import { numberOf } from '../core/host.js'
import { stridesOf } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { formatElements, formatScalar } from './numbers.js'

/** Above this many elements, the middle of every axis is left out. */
const threshold = 1000
const edge = 3
const lineWidth = 75

/** Positions to print along an axis; null stands for what is left out. */
const positions = (n: number, summarize: boolean): readonly (number | null)[] =>
  summarize && n > 2 * edge ? [0, 1, 2, null, n - 3, n - 2, n - 1] : Array.from({ length: n }, (_, i) => i)

const formatData = (data: TypedArray, shape: readonly number[], dtype: Tensor['dtype']): string => {
  const n = data.length
  if (shape.length === 0) return formatScalar(numberOf(dtype, data[0]!), dtype)
  if (n === 0) return '[]'
  const summarize = n > threshold
  const strides = stridesOf(shape)
  const shown: number[] = []
  const collect = (axis: number, base: number): void => {
    if (axis === shape.length) {
      shown.push(base)
      return
    }
    for (const i of positions(shape[axis]!, summarize)) if (i !== null) collect(axis + 1, base + i * strides[axis]!)
  }
  collect(0, 0)
  const texts = formatElements(
    shown.map((at) => numberOf(dtype, data[at]!)),
    dtype,
  )
  const textAt = new Map(shown.map((at, i) => [at, texts[i]!]))
  const render = (axis: number, base: number, indent: number): string => {
    const items = positions(shape[axis]!, summarize)
    if (axis === shape.length - 1)
      return renderRow(
        items.map((i) => (i === null ? '...' : textAt.get(base + i * strides[axis]!)!)),
        indent,
      )
    const separator = '\n'.repeat(shape.length - 1 - axis) + ' '.repeat(indent + 1)
    return `[${items.map((i) => (i === null ? '...' : render(axis + 1, base + i * strides[axis]!, indent + 1))).join(separator)}]`
  }
  return render(0, 0, 0)
}

const renderRow = (words: readonly string[], indent: number): string => {
  const lines: string[] = []
  // Room for the brackets that may close after the row.
  const width = lineWidth - (indent + 1)
  let line = ' '.repeat(indent + 1)
  const start = line
  for (const word of words) {
    const next = line === start ? line + word : `${line} ${word}`
    if (next.length > width && line !== start) {
      lines.push(line.trimEnd())
      line = start + word
    } else line = next
  }
  lines.push(line)
  return `[${lines.join('\n').slice(indent + 1)}]`
}

const describe = (x: Tensor, what: string): string => `Tensor(${dtypeShort(x.dtype)}[${x.shape.join(',')}]${what})`

/** A tensor as NumPy prints it; a traced or unread one by its type alone. */
export const formatTensor = (x: Tensor): string => {
  if (!x.concrete) return describe(x, `, traced by ${x.trace.label}`)
  const cell = x.cell('String')
  if (!cell.live) return describe(x, ', disposed')
  const data = cell.peek()
  if (data === null) return describe(x, `, ${cell.device.name}, unread`)
  return x.dtype === 'key' ? `key${formatData(data, [...x.shape, 2], 'uint32')}` : formatData(data, x.shape, x.dtype)
}
