import { find } from './find.js'

const names = ['steps', 'pace', 'loss', 'accuracy'] as const

/** The numbers beside the curves. */
export type Readouts = Readonly<Record<(typeof names)[number], (value: number | null) => void>>

const pace = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 1 : 0 })

const format: Readonly<Record<(typeof names)[number], (value: number) => string>> = {
  steps: (value) => value.toLocaleString('en'),
  pace,
  loss: (value) => (value < 0.001 ? value.toExponential(1) : value.toFixed(value < 0.1 ? 4 : 3)),
  accuracy: (value) => `${(100 * value).toFixed(1)} %`,
}

/** Shows a dash where there is no number yet. */
export const makeReadouts = (): Readouts => {
  const entry = (name: (typeof names)[number]) => {
    const element = find(`readout-${name}`, HTMLElement)
    return [
      name,
      (value: number | null): void => {
        element.textContent = value === null ? '–' : format[name](value)
      },
    ] as const
  }
  return Object.fromEntries(names.map(entry)) as Readouts
}
