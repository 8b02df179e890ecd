/** The middle of a stretch of steps, and the mean value there. */
export interface Point {
  readonly step: number
  readonly value: number
}

/** The values of all steps so far, joined where they are too many to be seen. */
export interface Curve {
  readonly push: (value: number) => void
  readonly points: () => readonly Point[]
}

/** Keeps at most `limit` points: when they are full, neighbours become one. */
export const makeCurve = (limit: number): Curve => {
  let means: number[] = []
  let width = 1
  let [sum, count] = [0, 0]
  const join = (): void => {
    means = Array.from({ length: Math.floor(means.length / 2) }, (_, i) => (means[2 * i]! + means[2 * i + 1]!) / 2)
    width *= 2
  }
  return {
    push: (value) => {
      sum += value
      count += 1
      if (count < width) return
      means.push(sum / count)
      ;[sum, count] = [0, 0]
      // An even limit leaves no half behind.
      if (means.length >= 2 * Math.ceil(limit / 2)) join()
    },
    points: () => means.map((value, i) => ({ step: (i + 0.5) * width + 0.5, value })),
  }
}

/** An exponential average over about `span` points, without the drag of its first value. */
export const smooth = (points: readonly Point[], span: number): readonly Point[] => {
  const keep = 1 - 1 / Math.max(1, span)
  let [mean, weight] = [0, 0]
  return points.map(({ step, value }) => {
    mean = keep * mean + (1 - keep) * value
    weight = keep * weight + (1 - keep)
    return { step, value: mean / weight }
  })
}

/** At most `limit` of the points: every second is left out until they are few enough, the last one never. */
export const thin = (points: readonly Point[], limit: number): readonly Point[] =>
  points.length <= limit
    ? points
    : thin(
        points.filter((_, i) => i % 2 === (points.length - 1) % 2),
        limit,
      )
