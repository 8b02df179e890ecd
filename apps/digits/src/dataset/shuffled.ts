import { random, type Tensor } from 'linum'
import type { Arrangement } from './batches.js'

/** Every image is moved by up to so many pixels down or right, anew in each epoch: worth 1 % of accuracy. */
const maxShift = 1

/** `size` examples in a random order, each moved a little; the same for the same key and epoch. */
export const shuffled = async (key: Tensor, epoch: number, size: number): Promise<Arrangement> => {
  const [orderKey, shiftKey] = [random.foldIn(key, 2 * epoch), random.foldIn(key, 2 * epoch + 1)]
  const order = await random.permutation(orderKey, size).data()
  const shifts = await random.randint(shiftKey, [size, 2], -maxShift, maxShift + 1).data()
  return { order: Int32Array.from(order), shifts: Int32Array.from(shifts) }
}
