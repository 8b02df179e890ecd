/** x log(y), 0 where x is 0 and y a number. */
export const xlogy = (x: number, y: number): number => (x === 0 && !Number.isNaN(y) ? 0 : x * Math.log(y))

/** x log(1 + y), 0 where x is 0 and y a number. */
export const xlog1py = (x: number, y: number): number => (x === 0 && !Number.isNaN(y) ? 0 : x * Math.log1p(y))
