import type { TensorLike } from '../core/array-ops.js'
import { sizeOf } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { add } from '../ops/elementwise/elementwise.js'
import { broadcastArrays } from '../ops/shape/join.js'
import { promoteFloats } from '../ops/operand.js'
import { callRoutine } from '../ops/routine.js'
import { reshape } from '../ops/shape/shape.js'
import { type CoreType, defineRoutine } from '../primitives/routine.js'

/** A tangent or cotangent times the derivative by one operand: (t, operands, result). */
export type Partial = (t: Tensor, operands: readonly Tensor[], out: Tensor) => Tensor

/**
 * A function of tensors from one of numbers, in floating point and with broadcasting; integers become float32. It
 * runs on its own rather than fused with its neighbours. `partials` has one entry for each operand.
 */
export const pointwise = (
  name: string,
  f: (x: number, y: number, z: number) => number,
  partials: readonly Partial[],
): ((...operands: readonly TensorLike[]) => Tensor) => ofType(name, () => f, partials)

/** As `pointwise`, for a function that depends on the dtype. */
export const ofType = (
  name: string,
  f: (type: CoreType) => (x: number, y: number, z: number) => number,
  partials: readonly Partial[],
): ((...operands: readonly TensorLike[]) => Tensor) => {
  const routine = defineRoutine({
    name,
    ranks: partials.map(() => 1),
    types: ([x]) => [x!],
    compute: ([x, y, z], [out], [type]) => {
      const g = f(type!)
      const [second, third] = [y ?? x!, z ?? x!]
      for (let i = 0; i < x!.length; i++) out![i] = g(x![i]!, second[i]!, third[i]!)
    },
    jvp: (tangents, { inputs, outputs }) => [
      tangents.reduce<Tensor | null>((sum, t, i) => {
        if (t === null) return sum
        const part = partials[i]!(t, inputs, outputs[0]!)
        return sum === null ? part : add(sum, part)
      }, null),
    ],
    vjp: ([ct], { inputs, outputs, need }) =>
      partials.map((partial, i) => (ct && need[i] === true ? partial(ct, inputs, outputs[0]!) : null)),
  })
  return (...operands) => {
    const xs = broadcastArrays(...promoteFloats(name, operands))
    const { shape } = xs[0]!
    const flat = xs.map((x) => reshape(x, [sizeOf(shape)]))
    return reshape(callRoutine(routine, flat)[0]!, shape)
  }
}

/** For an operand by which there is no derivative. */
export const noDerivative =
  (fn: string, by: string): Partial =>
  () => {
    throw new TypeError(`${fn}: has no derivative by ${by}; wrap it in stopGradient(...)`)
  }
