import { Linear, List, Rngs } from 'linum'

/** As many layers of four by four as asked: twice as many Variables, and next to no arithmetic. */
export const layersOf = (layers: number): List<Linear> => {
  const rngs = new Rngs(0)
  return new List(Array.from({ length: layers }, () => new Linear(4, 4, { rngs })))
}
