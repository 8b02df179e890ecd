import type { Field, Moons } from '../protocol.js'
import { plane } from '../tasks/plane.js'
import { colour, followLooks, onceAFrame, type Sheet, sheetOf } from './canvas.js'
import { contour } from './contour.js'

/** The two moons over what the model makes of the plane. */
export interface FieldView {
  readonly setData: (data: Moons) => void
  readonly setField: (field: Field) => void
}

type Rgb = readonly [red: number, green: number, blue: number]

/** A canvas says any colour of a style sheet as #rrggbb. */
const rgb = (context: CanvasRenderingContext2D, name: string): Rgb => {
  context.fillStyle = colour(name)
  const value = Number.parseInt(String(context.fillStyle).slice(1), 16)
  return [value >> 16, (value >> 8) & 255, value & 255]
}

const mix = (a: Rgb, b: Rgb, t: number): Rgb => [
  a[0] + (b[0] - a[0]) * t,
  a[1] + (b[1] - a[1]) * t,
  a[2] + (b[2] - a[2]) * t,
]

/** From the colour of the first class by way of the paper to that of the second. */
const shade = (share: number, [one, paper, two]: readonly [Rgb, Rgb, Rgb]): Rgb =>
  share < 0.5 ? mix(one, paper, 2 * share) : mix(paper, two, 2 * share - 1)

const bitmap = ({ width, height, values }: Field): HTMLCanvasElement => {
  const canvas = document.createElement('canvas')
  Object.assign(canvas, { width, height })
  const context = canvas.getContext('2d')!
  const image = context.createImageData(width, height)
  const colours = [rgb(context, '--field-one'), rgb(context, '--surface'), rgb(context, '--field-two')] as const
  values.forEach((share, i) => image.data.set([...shade(share, colours), 255], 4 * i))
  context.putImageData(image, 0, 0)
  return canvas
}

const drawField = ({ context, width, height }: Sheet, field: Field): void => {
  const [columns, rows] = [field.width - 1, field.height - 1]
  context.imageSmoothingEnabled = true
  context.imageSmoothingQuality = 'high'
  // A cell of the bitmap has its value in the middle, so half a cell hangs over on each side.
  const [cell, line] = [width / columns, height / rows]
  context.drawImage(bitmap(field), -cell / 2, -line / 2, width + cell, height + line)
  context.beginPath()
  for (const [x0, y0, x1, y1] of contour(field.values, field.width, field.height, 0.5)) {
    context.moveTo(x0 * cell, y0 * line)
    context.lineTo(x1 * cell, y1 * line)
  }
  context.strokeStyle = colour('--ink')
  context.globalAlpha = 0.7
  context.lineWidth = 1.5
  context.lineCap = 'round'
  context.stroke()
  context.globalAlpha = 1
}

const drawPoints = ({ context, width, height }: Sheet, { points, labels, train }: Moons): void => {
  const { left, right, top, bottom } = plane
  const radius = Math.max(2, Math.min(4, width / 170))
  const colours = [colour('--one'), colour('--two')] as const
  const surface = colour('--surface')
  labels.forEach((label, i) => {
    const x = ((points[2 * i]! - left) / (right - left)) * width
    const y = ((points[2 * i + 1]! - top) / (bottom - top)) * height
    context.beginPath()
    if (i < train) {
      context.arc(x, y, radius, 0, 2 * Math.PI)
      context.fillStyle = colours[label]!
      context.fill()
      context.lineWidth = 1
      context.strokeStyle = surface
    } else {
      context.arc(x, y, radius - 0.5, 0, 2 * Math.PI)
      context.fillStyle = surface
      context.fill()
      context.lineWidth = 1.5
      context.strokeStyle = colours[label]!
    }
    context.stroke()
  })
}

/** Draws on a canvas, once a frame. */
export const makeFieldView = (canvas: HTMLCanvasElement): FieldView => {
  let data: Moons | null = null
  let field: Field | null = null
  const redraw = onceAFrame(() => {
    const sheet = sheetOf(canvas)
    if (sheet === null) return
    if (field !== null) drawField(sheet, field)
    if (data !== null) drawPoints(sheet, data)
  })
  followLooks(canvas, redraw)
  return {
    setData: (next) => {
      data = next
      field = null
      redraw()
    },
    setField: (next) => {
      field = next
      redraw()
    },
  }
}
