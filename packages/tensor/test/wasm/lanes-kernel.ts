import type { TypedArray } from '@linum/tensor'
import { dtypeBytes, isHalf, isSigned, type StoredDType } from '../../src/core/dtype.js'
import { hostArray } from '../../src/core/host.js'
import { type Callee, type FunctionBuilder, i32, type Local, v128 } from '../../src/device/wasm/asm/function.js'
import { importsFrom, type MemoryLimits, ModuleBuilder } from '../../src/device/wasm/asm/module.js'
import * as code from '../../src/device/wasm/asm/opcodes.js'
import { constant } from '../../src/device/wasm/lanes/constant.js'
import { emitOp } from '../../src/device/wasm/lanes/emit-op.js'
import { narrow, widen } from '../../src/device/wasm/lanes/half.js'
import { hostFunctions } from '../../src/device/wasm/lanes/hosts.js'
import type { LaneEmitter, Lanes } from '../../src/device/wasm/lanes/lane-emitter.js'
import type { ScalarOp } from '../../src/kernel/ir.js'

const limits: MemoryLimits = { shared: false, minimum: 1, maximum: 65536 }

type Half = 'float16' | 'bfloat16'

const extend = (dtype: StoredDType, f: FunctionBuilder): void => {
  if (dtype === 'bool' || dtypeBytes(dtype) === 1) {
    const signed = isSigned(dtype)
    f.memory(code.v128Load32Zero).op(signed ? code.i16x8ExtendLowI8x16S : code.i16x8ExtendLowI8x16U)
    f.op(signed ? code.i32x4ExtendLowI16x8S : code.i32x4ExtendLowI16x8U)
    if (dtype === 'bool') f.i32x4(0).op(code.i32x4Ne)
  } else f.memory(isSigned(dtype) && !isHalf(dtype) ? code.v128Load16x4S : code.v128Load16x4U)
}

const load = (e: LaneEmitter, dtype: StoredDType, address: Local): Lanes => {
  const { f } = e
  const [low, high] = [f.local(v128), f.local(v128)]
  if (dtype === 'float64') {
    f.get(address).memory(code.v128Load).set(low).get(address).memory(code.v128Load, 16).set(high)
    return [low, high]
  }
  f.get(address)
  if (dtypeBytes(dtype) === 4) f.memory(code.v128Load)
  else extend(dtype, f)
  f.set(low)
  return isHalf(dtype) ? widen(e, dtype as Half, [low]) : [low]
}

const store = (e: LaneEmitter, dtype: StoredDType, address: Local, lanes: Lanes): void => {
  const { f } = e
  const [value] = isHalf(dtype) ? narrow(e, dtype as Half, lanes) : lanes
  if (dtypeBytes(dtype) >= 4) {
    lanes.forEach((lane, k) =>
      f
        .get(address)
        .get(lane)
        .memory(code.v128Store, 16 * k),
    )
    return
  }
  for (let lane = 0; lane < 4; lane++) {
    f.get(address).get(value!).lane(code.i32x4ExtractLane, lane)
    if (dtype === 'bool') f.i32(1).op(code.i32And)
    f.memory(dtypeBytes(dtype) === 1 ? code.i32Store8 : code.i32Store16, lane * dtypeBytes(dtype))
  }
}

export interface OpOptions {
  readonly fma?: boolean
  /** Operands that are constants, by their place. */
  readonly constants?: Readonly<Record<number, number>>
}

/** Applies one operation to whole arrays (as they are stored), four elements at a time. */
export type ArrayOp = (...inputs: readonly TypedArray[]) => TypedArray

/** A loop around one operation, compiled for arrays of `length` elements, a multiple of four. */
export const compileOp = (
  op: ScalarOp,
  dtype: StoredDType,
  argTypes: readonly StoredDType[],
  length: number,
  { fma = false, constants = {} }: OpOptions = {},
): ArrayOp => {
  const module = new ModuleBuilder(limits)
  const env: Record<string, unknown> = {}
  const hosts = new Map<string, Callee>()
  for (const [name, { params, results, run }] of Object.entries(hostFunctions)) {
    hosts.set(name, module.importFunction(name, params, results))
    env[name] = run
  }
  const types = [...argTypes, dtype]
  const f = module.function(
    types.map(() => i32),
    [],
    'run',
  )
  const addresses = types.map((_, k): Local => k)
  const e: LaneEmitter = { f, module, fma, host: (name) => hosts.get(name)! }
  const left = f.local(i32)
  f.i32(length / 4).set(left)
  const fixed = argTypes.map((type, k) => (constants[k] === undefined ? null : constant(e, type, constants[k])))
  f.loop(() => {
    const operands = argTypes.map((type, k) => fixed[k] ?? load(e, type, addresses[k]!))
    store(e, dtype, addresses.at(-1)!, emitOp(e, op, dtype, argTypes[0]!, operands))
    types.forEach((type, k) => f.increment(addresses[k]!, 4 * dtypeBytes(type)))
    f.increment(left, -1).get(left).branchIf(0)
  })
  const places = types.map((type) => length * dtypeBytes(type) + 64)
  const pages = Math.ceil(places.reduce((sum, bytes) => sum + bytes) / 65536)
  const memory = new WebAssembly.Memory({ initial: pages, maximum: limits.maximum })
  env['memory'] = memory
  const compiled = new WebAssembly.Module(module.build())
  const { run } = new WebAssembly.Instance(compiled, { [importsFrom]: env } as never).exports as {
    run(...at: number[]): void
  }
  const starts = places.map((_, k) => places.slice(0, k).reduce((sum, bytes) => sum + bytes, 0))
  return (...inputs) => {
    const out = hostArray(dtype, length)
    inputs.forEach((x, k) =>
      new Uint8Array(memory.buffer, starts[k]).set(new Uint8Array(x.buffer, x.byteOffset, x.byteLength)),
    )
    run(...starts)
    new Uint8Array(out.buffer).set(new Uint8Array(memory.buffer, starts.at(-1), out.byteLength))
    return out
  }
}
