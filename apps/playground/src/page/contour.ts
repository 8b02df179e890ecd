/** From `[x0, y0]` to `[x1, y1]`, in cells of the grid. */
export type Segment = readonly [x0: number, y0: number, x1: number, y1: number]

type Corner = readonly [x: number, y: number]

/** The line along which a grid of values is `level`, as segments; where a cell is a saddle, its mean decides. */
export const contour = (values: Float32Array, width: number, height: number, level: number): readonly Segment[] => {
  const at = (x: number, y: number): number => (values[y * width + x] ?? 0) - level
  const segments: Segment[] = []
  const crossing = ([ax, ay]: Corner, [bx, by]: Corner): Corner => {
    const [a, b] = [at(ax, ay), at(bx, by)]
    const t = a / (a - b)
    return [ax + t * (bx - ax), ay + t * (by - ay)]
  }
  for (let y = 0; y + 1 < height; y++) {
    for (let x = 0; x + 1 < width; x++) {
      const corners: readonly Corner[] = [
        [x, y],
        [x + 1, y],
        [x + 1, y + 1],
        [x, y + 1],
      ]
      const above = corners.map(([cx, cy]) => at(cx, cy) > 0)
      const crossings = corners.flatMap((corner, i) => {
        const next = (i + 1) % 4
        return above[i] === above[next] ? [] : [crossing(corner, corners[next]!)]
      })
      // Around a saddle the crossings come in the order of the sides; which two belong together turns by one.
      const middle = corners.reduce((sum, [cx, cy]) => sum + at(cx, cy), 0) > 0
      const turn = crossings.length === 4 && middle === above[0] ? 1 : 0
      for (let i = 0; i + 1 < crossings.length; i += 2) {
        const [from, to] =
          crossings.length === 2 ? crossings : [crossings[(i + turn + 3) % 4]!, crossings[(i + turn) % 4]!]
        segments.push([...from!, ...to!])
      }
    }
  }
  return segments
}
