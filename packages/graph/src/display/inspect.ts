import { formatValue, formatVariable } from './summary.js'

/** What Node asks when it prints an object; named by `Symbol.for` so that nothing of Node is imported. */
export const inspectSymbol: unique symbol = Symbol.for('nodejs.util.inspect.custom')

/** Prints a Variable or a snapshot on one line. */
export function inspectVariable(this: Parameters<typeof formatVariable>[0]): string {
  return formatVariable(this)
}

const lines = (state: object, prototype: object, indent: string): string[] =>
  Object.entries(state).flatMap(([key, value]: [string, unknown]) => {
    if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === prototype)
      return [`${indent}${key}:`, ...lines(value, prototype, `${indent}  `)]
    const isSnapshot = typeof value === 'object' && value !== null && 'type' in value && 'metadata' in value
    return [
      `${indent}${key}: ${isSnapshot ? formatVariable(value as Parameters<typeof formatVariable>[0]) : formatValue(value)}`,
    ]
  })

/** Prints a State, one leaf a line. */
export function inspectState(this: object): string {
  const text = lines(this, Object.getPrototypeOf(this) as object, '  ')
  return text.length === 0 ? 'State {}' : `State\n${text.join('\n')}`
}
