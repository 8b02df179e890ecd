/** A canvas made sharp: its context in CSS pixels, cleared. */
export interface Sheet {
  readonly context: CanvasRenderingContext2D
  readonly width: number
  readonly height: number
}

/** Prepares a canvas for a drawing of its present size; null while it is not shown. */
export const sheetOf = (canvas: HTMLCanvasElement): Sheet | null => {
  const { clientWidth: width, clientHeight: height } = canvas
  const context = canvas.getContext('2d')
  if (width === 0 || height === 0 || context === null) return null
  const scale = devicePixelRatio
  const [columns, rows] = [Math.round(width * scale), Math.round(height * scale)]
  if (canvas.width !== columns) canvas.width = columns
  if (canvas.height !== rows) canvas.height = rows
  context.setTransform(scale, 0, 0, scale, 0, 0)
  context.clearRect(0, 0, width, height)
  return { context, width, height }
}

/** A colour of the style sheet as it is now. */
export const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

/** Calls `draw` before the next frame, once for any number of calls. */
export const onceAFrame = (draw: () => void): (() => void) => {
  let asked = false
  return () => {
    if (asked) return
    asked = true
    requestAnimationFrame(() => {
      asked = false
      draw()
    })
  }
}

/** Calls `redraw` whenever the canvas has another size or the page other colours. */
export const followLooks = (canvas: HTMLCanvasElement, redraw: () => void): void => {
  new ResizeObserver(redraw).observe(canvas)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw)
}
