import type { DType, Shape, Tensor } from '@linum/tensor'

export interface InitializerOptions {
  readonly dtype?: DType
}

/** Makes the first value of a parameter from a random key. */
export type Initializer = (key: Tensor, shape: Shape, options?: InitializerOptions) => Tensor
