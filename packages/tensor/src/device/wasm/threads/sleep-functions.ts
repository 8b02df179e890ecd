import { type Callee, i32 } from '../asm/function.js'
import type { ModuleBuilder } from '../asm/module.js'
import { i64ExtendI32S, memoryAtomicNotify, memoryAtomicWait32 } from '../asm/opcodes.js'

// Functions of their own, without a local that is used afterwards: the baseline compiler of Node 20 loses values of
// locals over these instructions.

/** (seen, nanoseconds): sleeps while the word at `address` is `seen`; without end where the time is negative. */
export const sleepFunction = (module: ModuleBuilder, address: number): Callee => {
  const f = module.function([i32, i32])
  return f.i32(0).get(0).get(1).op(i64ExtendI32S).atomic(memoryAtomicWait32, address).drop()
}

/** (count): wakes as many threads that sleep on the word at `address`. */
export const wakeFunction = (module: ModuleBuilder, address: number): Callee => {
  const f = module.function([i32])
  return f.i32(0).get(0).atomic(memoryAtomicNotify, address).drop()
}
