import { type Conv, type Linear, np, type Param, type Tensor } from 'linum'
import { specs, type Workload } from '../specs.js'

export type Arrays = ReadonlyMap<string, Float32Array | Int32Array>

const valuesOf = (arrays: Arrays, name: string): Float32Array | Int32Array => {
  const values = arrays.get(name)
  if (values === undefined) throw new Error(`the workload has no array ${name}`)
  return values
}

/** Sets a parameter to the workload's values. */
export const load = (param: Param, arrays: Arrays, name: string): void => {
  param.value = np.array(valuesOf(arrays, name)).reshape(param.value.shape)
}

/** Sets a layer's kernel, and its bias if it has one. */
export const loadLayer = (layer: Conv | Linear, arrays: Arrays, name: string): void => {
  load(layer.kernel, arrays, `${name}.kernel`)
  if (layer.bias !== null) load(layer.bias, arrays, `${name}.bias`)
}

/** An array of the fixed batch. */
export const input = (workload: Workload, arrays: Arrays, name: string): Tensor => {
  const spec = specs[workload].inputs.find((s) => s.name === name)
  return np.array(valuesOf(arrays, name)).reshape([...spec!.shape])
}
