import { checkpoint, type CheckpointOptions } from '@linum/autodiff'
import type { Tensor } from '@linum/tensor'
import { extract, type Inside, insert, runInside } from './lift/sandwich.js'

/** `policy` says which intermediate results the backward pass keeps; none by default. */
export type RematOptions = CheckpointOptions

/**
 * The same function of modules, whose backward pass computes intermediate results again instead of keeping them: less
 * memory for more time. Updates of its arguments happen once, gradients are the same.
 */
export const remat =
  <A extends readonly unknown[], R>(f: (...args: A) => R, options: RematOptions = {}): ((...args: A) => R) =>
  (...args) => {
    const extracted = extract(`remat(${f.name || 'anonymous'})`, args)
    let inside: Inside<R> | undefined
    const body = (...tensors: readonly Tensor[]): readonly Tensor[] => {
      inside = runInside(extracted, f as unknown as (...args: never[]) => R, tensors)
      return (inside as unknown) instanceof Promise ? (inside as never) : inside.values.tensors
    }
    Object.defineProperty(body, 'name', { value: f.name })
    const tensors = checkpoint(body, options)(...extracted.values.tensors)
    return insert(extracted, inside!, tensors)
  }
