/** Rows and columns of an image for the model. */
export const side = 28

/** The longer side of the ink: how the digits that the model learns were made. */
const inkSide = 20

interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** The part of a picture with ink on it, by its opacity; null where there is none. */
export const inkBox = (opacity: ArrayLike<number>, width: number): Box | null => {
  let [left, top, right, bottom] = [Infinity, Infinity, -1, -1]
  for (let i = 0; i < opacity.length; i++) {
    if (opacity[i]! < 16) continue
    const [x, y] = [i % width, Math.floor(i / width)]
    left = Math.min(left, x)
    right = Math.max(right, x)
    top = Math.min(top, y)
    bottom = Math.max(bottom, y)
  }
  return right < 0 ? null : { left, top, width: right - left + 1, height: bottom - top + 1 }
}

/** Where the middle of the ink is. */
export const inkCentre = (levels: ArrayLike<number>, width: number): readonly [x: number, y: number] => {
  let [mass, x, y] = [0, 0, 0]
  for (let i = 0; i < levels.length; i++) {
    mass += levels[i]!
    x += levels[i]! * ((i % width) + 0.5)
    y += levels[i]! * (Math.floor(i / width) + 0.5)
  }
  return mass === 0 ? [width / 2, levels.length / width / 2] : [x / mass, y / mass]
}

const opacityOf = (context: CanvasRenderingContext2D): Uint8Array => {
  const { width, height } = context.canvas
  const { data } = context.getImageData(0, 0, width, height)
  const opacity = new Uint8Array(width * height)
  for (let i = 0; i < opacity.length; i++) opacity[i] = data[4 * i + 3]!
  return opacity
}

const sheet = (width: number, height: number): CanvasRenderingContext2D => {
  const canvas = document.createElement('canvas')
  Object.assign(canvas, { width, height })
  return canvas.getContext('2d', { willReadFrequently: true })!
}

/** Halves a picture until it is less than twice as large as it shall be, so that no ink is lost on the way. */
const halved = (source: HTMLCanvasElement, box: Box, least: number): HTMLCanvasElement => {
  let current = sheet(box.width, box.height)
  current.drawImage(source, -box.left, -box.top)
  while (Math.max(current.canvas.width, current.canvas.height) >= 2 * least) {
    const { canvas } = current
    const next = sheet(Math.max(1, Math.round(canvas.width / 2)), Math.max(1, Math.round(canvas.height / 2)))
    next.drawImage(canvas, 0, 0, next.canvas.width, next.canvas.height)
    current = next
  }
  return current.canvas
}

/**
 * A drawing as the model knows digits: 28 x 28 levels from 0 to 1, the ink 20 pixels long with its middle in the middle
 * of the image. null for an empty drawing.
 */
export const digitImage = (drawing: CanvasRenderingContext2D): Float32Array | null => {
  const box = inkBox(opacityOf(drawing), drawing.canvas.width)
  if (box === null) return null
  const scale = inkSide / Math.max(box.width, box.height)
  const small = halved(drawing.canvas, box, inkSide)
  const [width, height] = [box.width * scale, box.height * scale]
  const place = (x: number, y: number): Uint8Array => {
    const context = sheet(side, side)
    context.imageSmoothingQuality = 'high'
    context.drawImage(small, x, y, width, height)
    return opacityOf(context)
  }
  const [left, top] = [(side - width) / 2, (side - height) / 2]
  const [x, y] = inkCentre(place(left, top), side)
  return Float32Array.from(place(left + side / 2 - x, top + side / 2 - y), (level) => level / 255)
}
