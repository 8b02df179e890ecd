import { All, type Filter, LoRAParam, Not, OfType, Param, state, type Tensor, tree } from 'linum'

/** The parameters that are no adapter's. A LoRAParam is a Param too. */
export const frozen: Filter = All(OfType(Param), Not(OfType(LoRAParam)))

/** The bytes of the parameters that a filter selects, one after the other. */
export const bytesOf = async (model: object, filter: Filter = frozen): Promise<Buffer> => {
  const leaves = tree.leaves(state(model, filter)) as readonly Tensor[]
  const arrays = await Promise.all(leaves.map((leaf) => leaf.data()))
  return Buffer.concat(arrays.map((a) => Buffer.from(a.buffer, a.byteOffset, a.byteLength)))
}
