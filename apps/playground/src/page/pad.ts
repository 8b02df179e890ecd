import { onceAFrame } from './canvas.js'
import { digitImage, side } from './digit-image.js'
import { find } from './find.js'

/** A pad to draw a digit on. */
export interface Pad {
  readonly clear: () => void
  /** Shows an image of 28 x 28 grey levels instead of a drawing. */
  readonly show: (levels: Uint8Array) => void
  /** What is on it, for the model; null for nothing. */
  readonly image: () => Float32Array | null
}

/** How thick a stroke is, as a share of the pad. */
const thickness = 0.08

/** A drawing in the ink of the style sheet needs no more than opacity. */
const inkOf = (levels: ArrayLike<number>): ImageData => {
  const picture = new ImageData(side, side)
  for (let i = 0; i < levels.length; i++) picture.data[4 * i + 3] = levels[i]!
  return picture
}

/** Calls `onChange` after every stroke of the pen, whichever is used: mouse, finger or stylus. */
export const makePad = (onChange: () => void): Pad => {
  const canvas = find('pad', HTMLCanvasElement)
  const context = canvas.getContext('2d', { willReadFrequently: true })!
  const seen = find('seen', HTMLCanvasElement).getContext('2d')!
  const hint = find('pad-hint', HTMLElement)
  const clearButton = find('pad-clear', HTMLButtonElement)
  let current: Float32Array | null = null
  let pen: number | null = null
  /** A sample is looked at, not drawn on. */
  let drawn = true

  const settle = (image: Float32Array | null): void => {
    current = image
    hint.hidden = image !== null
    clearButton.disabled = image === null
    seen.putImageData(inkOf(image === null ? new Uint8Array(side * side) : image.map((level) => 255 * level)), 0, 0)
    onChange()
  }
  const settleDrawing = onceAFrame(() => {
    if (drawn) settle(digitImage(context))
  })
  const wipe = (): void => context.clearRect(0, 0, canvas.width, canvas.height)
  const position = (event: PointerEvent): readonly [number, number] => {
    const { left, top, width, height } = canvas.getBoundingClientRect()
    return [((event.clientX - left) / width) * canvas.width, ((event.clientY - top) / height) * canvas.height]
  }
  const draw = (event: PointerEvent): void => {
    context.lineWidth = thickness * canvas.width
    context.lineCap = 'round'
    context.lineJoin = 'round'
    // Moves between two frames come together.
    const moves = event.getCoalescedEvents?.() ?? []
    for (const move of moves.length > 0 ? moves : [event]) context.lineTo(...position(move))
    context.stroke()
    settleDrawing()
  }

  canvas.addEventListener('pointerdown', (event) => {
    if (!event.isPrimary || event.button !== 0) return
    event.preventDefault()
    canvas.setPointerCapture(event.pointerId)
    pen = event.pointerId
    if (!drawn) wipe()
    drawn = true
    context.beginPath()
    context.moveTo(...position(event))
    draw(event)
  })
  canvas.addEventListener('pointermove', (event) => {
    if (event.pointerId === pen) draw(event)
  })
  for (const end of ['pointerup', 'pointercancel'] as const)
    canvas.addEventListener(end, (event) => {
      if (event.pointerId === pen) pen = null
    })

  const pad: Pad = {
    clear: () => {
      wipe()
      drawn = true
      settle(null)
    },
    show: (levels) => {
      wipe()
      drawn = false
      const small = document.createElement('canvas')
      Object.assign(small, { width: side, height: side })
      small.getContext('2d')!.putImageData(inkOf(levels), 0, 0)
      context.imageSmoothingQuality = 'high'
      context.drawImage(small, 0, 0, canvas.width, canvas.height)
      settle(Float32Array.from(levels, (level) => level / 255))
    },
    image: () => current,
  }
  clearButton.addEventListener('click', pad.clear)
  return pad
}
