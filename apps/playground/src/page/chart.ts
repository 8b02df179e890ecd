import { colour, followLooks, onceAFrame, sheetOf } from './canvas.js'
import type { Point } from './curve.js'

/** A line of a chart. */
export interface Line {
  readonly points: readonly Point[]
  /** The name of a colour of the style sheet. */
  readonly colour: string
  readonly width: number
  readonly opacity: number
  /** Marks the last point. */
  readonly dot: boolean
}

/** What a chart shows. */
export interface Content {
  readonly lines: readonly Line[]
  readonly steps: number
  /** The range of values. */
  readonly low: number
  readonly high: number
  readonly format: (value: number) => string
}

const margin = { left: 46, right: 10, top: 10, bottom: 20 }

/** A round number not below `x`: 1, 2, 2.5 or 5 times a power of ten. */
export const roundUp = (x: number): number => {
  const unit = 10 ** Math.floor(Math.log10(x))
  return unit * ([1, 2, 2.5, 5].find((m) => m * unit >= x * (1 - 1e-9)) ?? 10)
}

/** Round values from `low` to `high`, about three of them. */
export const ticks = (low: number, high: number): readonly number[] => {
  const gap = roundUp((high - low) / 4)
  const first = Math.ceil(low / gap - 1e-9)
  return Array.from({ length: Math.floor(high / gap + 1e-9) - first + 1 }, (_, i) => (first + i) * gap)
}

const draw = (canvas: HTMLCanvasElement, { lines, steps, low, high, format }: Content): void => {
  const sheet = sheetOf(canvas)
  if (sheet === null) return
  const { context, width, height } = sheet
  const [right, bottom] = [width - margin.right, height - margin.bottom]
  const last = Math.max(steps, 10)
  const x = (step: number): number => margin.left + (step / last) * (right - margin.left)
  const y = (value: number): number => bottom - ((Math.min(value, high) - low) / (high - low)) * (bottom - margin.top)

  context.font = '11px system-ui, sans-serif'
  context.fillStyle = colour('--muted')
  context.strokeStyle = colour('--line')
  context.lineWidth = 1
  context.textAlign = 'right'
  context.textBaseline = 'middle'
  for (const value of ticks(low, high)) {
    const level = Math.round(y(value)) + 0.5
    context.beginPath()
    context.moveTo(margin.left, level)
    context.lineTo(right, level)
    context.stroke()
    context.fillText(format(value), margin.left - 8, level)
  }
  context.textBaseline = 'alphabetic'
  context.textAlign = 'left'
  context.fillText('0', margin.left, height - 4)
  context.textAlign = 'right'
  if (steps > 0) context.fillText(steps.toLocaleString('en'), right, height - 4)

  context.lineJoin = 'round'
  context.lineCap = 'round'
  for (const { points, colour: name, width: thick, opacity, dot } of lines) {
    const end = points.at(-1)
    if (end === undefined) continue
    context.globalAlpha = opacity
    context.strokeStyle = colour(name)
    context.fillStyle = colour(name)
    context.lineWidth = thick
    context.beginPath()
    for (const { step, value } of points) context.lineTo(x(step), y(value))
    context.stroke()
    if (dot || points.length === 1) {
      context.beginPath()
      context.arc(x(end.step), y(end.value), thick + 1, 0, 2 * Math.PI)
      context.fill()
    }
    context.globalAlpha = 1
  }
}

/** Returns what asks for a drawing of the present content, once a frame. */
export const makeChart = (canvas: HTMLCanvasElement, content: () => Content): (() => void) => {
  const redraw = onceAFrame(() => draw(canvas, content()))
  followLooks(canvas, redraw)
  return redraw
}
