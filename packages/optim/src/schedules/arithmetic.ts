import * as np from '@linum/tensor'

/** What schedules compute with: one formula serves numbers and traced steps. */
export interface Arithmetic<T> {
  constant(x: number): T
  add(x: T | number, y: T | number): T
  sub(x: T | number, y: T | number): T
  mul(x: T | number, y: T | number): T
  div(x: T | number, y: T | number): T
  pow(x: T | number, y: T | number): T
  min(x: T | number, y: T | number): T
  max(x: T | number, y: T | number): T
  floor(x: T): T
  cos(x: T): T
  /** `a` where x < y, else `b`. */
  below(x: T | number, y: T | number, a: T | number, b: T | number): T
}

export const numbers: Arithmetic<number> = {
  constant: (x) => x,
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  pow: (x, y) => x ** y,
  min: (x, y) => Math.min(x, y),
  max: (x, y) => Math.max(x, y),
  floor: (x) => Math.floor(x),
  cos: (x) => Math.cos(x),
  below: (x, y, a, b) => (x < y ? a : b),
}

export const tensors: Arithmetic<np.Tensor> = {
  constant: (x) => np.full([], x),
  add: np.add,
  sub: np.sub,
  mul: np.mul,
  div: np.div,
  pow: np.pow,
  min: np.minimum,
  max: np.maximum,
  floor: np.floor,
  cos: np.cos,
  below: (x, y, a, b) => np.where(np.less(x, y), a, b),
}
