import { plot } from 'asciichart'

/** Means of `width` neighbouring groups, so that a long series fits into a terminal. */
export const shorten = (values: readonly number[], width: number): readonly number[] => {
  if (values.length <= width) return values
  return Array.from({ length: width }, (_, i) => {
    const group = values.slice(Math.floor((i * values.length) / width), Math.floor(((i + 1) * values.length) / width))
    return group.reduce((sum, value) => sum + value, 0) / group.length
  })
}

/** The loss of every step as a chart of at most `width` columns; finite values only. */
export const lossCurve = (losses: readonly number[], width: number): readonly string[] => {
  const axis = 9
  const points = shorten(losses, Math.max(10, width - axis))
  const [first] = points
  if (first === undefined) return []
  // The chart labels a flat line with a rounded value.
  if (points.every((value) => value === first)) return [`${first.toFixed(2)} throughout`]
  return plot([...points], { height: 10, format: (value) => value.toFixed(2).padStart(7) })
    .split('\n')
    .map((line) => line.trimEnd())
}
