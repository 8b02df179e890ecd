import type { Optimizer, Tensor } from 'linum'
import type { Field, Moons, Readings, Samples } from '../protocol.js'
import type { Classifier } from './classifier.js'

/** Examples for one step. */
export interface Batch {
  readonly x: Tensor
  readonly y: Tensor
  readonly size: number
}

/** Something to learn and how far that is. */
export interface Task {
  readonly model: Classifier
  readonly optimizer: Optimizer<Classifier>
  /** An input of the model. */
  readonly example: Tensor
  /** What the page shows from the start. */
  readonly data: Moons | Samples
  next(): Batch | Promise<Batch>
  /** The share of unseen examples that the model has right. */
  test(): Promise<number>
  /** What the model makes of the world now. */
  picture(): Promise<Field | Readings>
  /** The probabilities of the classes for an image; null for a task without images. */
  readonly read: ((image: Float32Array) => Promise<Float32Array>) | null
}
