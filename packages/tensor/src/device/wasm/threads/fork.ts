import { type Callee, type FunctionBuilder, i32, i64, type Local } from '../asm/function.js'
import {
  i32Add,
  i32And,
  i32AtomicLoad,
  i32AtomicRmwAdd,
  i32AtomicRmwSub,
  i32AtomicStore,
  i32DivU,
  i32Eq,
  i32Eqz,
  i32LeU,
  i32Load,
  i32LtU,
  i32Mul,
  i32Ne,
  i32Or,
  i32Store,
  i32Sub,
  i32WrapI64,
  i64AtomicLoad,
  i64AtomicRmwCmpxchg,
  i64AtomicStore,
  i64Eq,
  i64ExtendI32U,
  i64Ne,
  i64Or,
  i64Shl,
  i64ShrU,
  i64Sub,
} from '../asm/opcodes.js'
import type { RoutineDefinition, RoutineEnvironment } from '../routine-module.js'
import { control, failures } from './control-block.js'
import { descriptorId } from './program-descriptor.js'
import { sleepFunction, wakeFunction } from './sleep-functions.js'

/** One sleep of the forking thread, in nanoseconds. */
const nap = 10_000_000
/** Looks at memory that take about as long where the thread may not sleep. */
const napSpins = 10_000_000

/** What a worker's `serve` returns: it shall end, or it needs the program of the current job. */
export const served = { leave: 0, program: 1 } as const

const read = (f: FunctionBuilder, address: number): FunctionBuilder => f.i32(0).memory(i32Load, address)
const readShared = (f: FunctionBuilder, address: number): FunctionBuilder => f.i32(0).atomic(i32AtomicLoad, address)
const write = (f: FunctionBuilder, address: number, value: () => void): void => {
  f.i32(0)
  value()
  f.memory(i32Store, address)
}
const writeShared = (f: FunctionBuilder, address: number, value: () => void): void => {
  f.i32(0)
  value()
  f.atomic(i32AtomicStore, address)
}
/** The claim word: the job's number above, the chunks that nobody claimed below. */
const readClaim = (f: FunctionBuilder): FunctionBuilder => f.i32(0).atomic(i64AtomicLoad, control.unclaimed, 8)
const jobOf = (f: FunctionBuilder, claim: Local): FunctionBuilder =>
  f.get(claim).i32(32).op(i64ExtendI32U).op(i64ShrU).op(i32WrapI64)

interface Job {
  readonly entry: Local
  readonly args: Local
  readonly units: Local
  readonly grain: Local
  readonly chunks: Local
}

/** Leaves on the stack whether the next chunk of the job in `claim` is now this thread's. */
const claimChunk = (f: FunctionBuilder, claim: Local): void => {
  f.i32(0).get(claim).get(claim).i32(1).op(i64ExtendI32U).op(i64Sub)
  f.atomic(i64AtomicRmwCmpxchg, control.unclaimed, 8).get(claim).op(i64Eq)
}

/** Runs the chunk that was claimed: the first unclaimed one in order. */
const runChunk = (f: FunctionBuilder, type: number, claim: Local, job: Job, from: Local, to: Local): void => {
  f.get(job.chunks).get(claim).op(i32WrapI64).op(i32Sub).get(job.grain).op(i32Mul).tee(from)
  f.get(job.grain).op(i32Add).tee(to).get(job.units)
  f.get(to).get(job.units).op(i32LtU).select().set(to)
  f.get(job.args).get(from).get(to).get(job.entry).callIndirect(type)
}

const unitType = (env: RoutineEnvironment): number => env.module.type([i32, i32, i32], [])

/**
 * fork(entry, args, units, grain, program): runs the table's function `entry`, (args, from, to), over all units, in
 * chunks of `grain` on whatever threads have time. Returns when all are done. `program` is the address of the
 * descriptor by which workers find the function. A fork within a chunk runs all its units itself.
 *
 * The forking thread takes chunks as everybody does and waits only for chunks that a worker has claimed, so it never
 * waits for a worker to start, wake or compile. Chunks cannot be run twice (a kernel may write over its input), so a
 * worker that disappears with a chunk in its hands costs the job: the fork traps once no chunk was finished for
 * `control.patience`, and `ThreadPool.settle` makes the error out of that.
 */
export const forkRoutine: RoutineDefinition = {
  name: 'fork',
  params: [i32, i32, i32, i32, i32],
  results: [],
  emit: (f, env) => {
    const [entry, args, units, grain, program] = [0, 1, 2, 3, 4]
    const type = unitType(env)
    const runAll = (): void => {
      f.get(args).i32(0).get(units).get(entry).callIndirect(type)
    }
    if (!env.shared) {
      runAll()
      return
    }
    f.get(units).get(grain).op(i32LeU)
    readShared(f, control.ready)
    readShared(f, control.crew).op(i32Ne).op(i32Or)
    read(f, control.busy).op(i32Or)
    f.if(() => {
      runAll()
      f.return()
    })
    const chunks = f.local(i32)
    const job: Job = { entry, args, units, grain, chunks }
    f.get(units).i32(1).op(i32Sub).get(grain).op(i32DivU).i32(1).op(i32Add).set(chunks)
    publish(f, job, program, wakeFunction(env.module, control.job))
    const own = drainOwn(f, type, job)
    awaitWorkers(f, chunks, own, sleepFunction(env.module, control.done))
    write(f, control.busy, () => f.i32(0))
  },
}

const publish = (f: FunctionBuilder, job: Job, program: Local, wake: Callee): void => {
  const fields: readonly (readonly [number, Local])[] = [
    [control.entry, job.entry],
    [control.args, job.args],
    [control.units, job.units],
    [control.grain, job.grain],
    [control.chunks, job.chunks],
    [control.program, program],
  ]
  write(f, control.busy, () => f.i32(1))
  write(f, control.own, () => f.i32(0))
  for (const [address, local] of fields) write(f, address, () => f.get(local))
  write(f, control.id, () => f.get(program).memory(i32Load, descriptorId))
  writeShared(f, control.done, () => f.i32(0))
  // Everything written before becomes visible to whoever reads the claim word. No chunk is unclaimed, so nobody else
  // writes it now.
  f.i32(0)
  readShared(f, control.job).i32(1).op(i32Add).op(i64ExtendI32U).i32(32).op(i64ExtendI32U).op(i64Shl)
  f.get(job.chunks).op(i64ExtendI32U).op(i64Or).atomic(i64AtomicStore, control.unclaimed, 8)
  readShared(f, control.parked)
  f.if(() => {
    f.get(job.chunks).i32(1).op(i32Sub).call(wake)
  })
}

/** Runs chunks until all are claimed; the result holds how many were this thread's. */
const drainOwn = (f: FunctionBuilder, type: number, job: Job): Local => {
  const [own, from, to, claim] = [f.local(i32), f.local(i32), f.local(i32), f.local(i64)]
  f.i32(0).set(own)
  f.block(() => {
    f.loop(() => {
      readClaim(f).tee(claim).op(i32WrapI64).op(i32Eqz).branchIf(1)
      claimChunk(f, claim)
      f.op(i32Eqz).branchIf(0)
      f.increment(own, 1)
      // For whoever cleans up should the chunk throw.
      write(f, control.own, () => f.get(own))
      runChunk(f, type, claim, job, from, to)
      f.branch(0)
    })
  })
  return own
}

/** Waits until workers have finished all chunks but `own`. */
const awaitWorkers = (f: FunctionBuilder, chunks: Local, own: Local, sleep: Callee): void => {
  const [target, spins, seen, naps] = [f.local(i32), f.local(i32), f.local(i32), f.local(i32)]
  f.get(chunks).get(own).op(i32Sub).set(target)
  read(f, control.forkSpins).set(spins)
  f.block(() => {
    f.loop(() => {
      readShared(f, control.done).get(target).op(i32Eq).branchIf(1)
      f.get(spins).i32(1).op(i32Sub).tee(spins).branchIf(0)
    })
    // From here on the worker that finishes the last chunk wakes this thread.
    writeShared(f, control.awaited, () => f.get(target))
    read(f, control.patience).set(naps)
    f.loop(() => {
      readShared(f, control.done).tee(seen).get(target).op(i32Eq).branchIf(1)
      sleepOrLook(f, seen, spins, sleep)
      f.get(naps).i32(1).op(i32Sub)
      read(f, control.patience)
      readShared(f, control.done).get(seen).op(i32Eq).select().tee(naps)
      f.branchIf(0)
    })
    write(f, control.failure, () => f.i32(failures.lost))
    f.unreachable()
  })
  writeShared(f, control.awaited, () => f.i32(0))
  readShared(f, control.failure)
  f.if(() => f.unreachable())
}

/** Sleeps, or looks busily where a thread must not sleep, until `done` is not `seen` or some time has passed. */
const sleepOrLook = (f: FunctionBuilder, seen: Local, spins: Local, sleep: Callee): void => {
  read(f, control.sleeps)
  f.if(
    () => {
      f.get(seen).i32(nap).call(sleep)
    },
    () => {
      f.i32(napSpins).set(spins)
      f.block(() => {
        f.loop(() => {
          readShared(f, control.done).get(seen).op(i32Ne).branchIf(1)
          f.get(spins).i32(1).op(i32Sub).tee(spins).branchIf(0)
        })
      })
    },
  )
}

/**
 * serve(held, skipped, crew): what workers run. Takes chunks of jobs of the program `held`, waits for jobs, and returns
 * one of `served` when it cannot go on by itself. The job whose number is `skipped` is left to others.
 */
export const serveRoutine: RoutineDefinition = {
  name: 'serve',
  params: [i32, i32, i32],
  results: [i32],
  emit: (f, env) => {
    if (!env.shared) {
      f.i32(served.leave)
      return
    }
    const [held, skipped, crew] = [0, 1, 2]
    const type = unitType(env)
    const wake = wakeFunction(env.module, control.done)
    const sleep = sleepFunction(env.module, control.job)
    const local = (): Local => f.local(i32)
    const job: Job = { entry: local(), args: local(), units: local(), grain: local(), chunks: local() }
    const [from, to, spins, claim] = [local(), local(), local(), f.local(i64)]
    f.loop(() => {
      readClaim(f).set(claim)
      readShared(f, control.crew).get(crew).op(i32Ne)
      f.if(() => f.i32(served.leave).return())
      f.get(claim).op(i32WrapI64).i32(0).op(i32Ne)
      jobOf(f, claim).get(skipped).op(i32Ne).op(i32And)
      f.if(() => {
        // What is read here may belong to a later job already; then the claim below fails.
        read(f, control.id).get(held).op(i32Ne)
        f.if(() => f.i32(served.program).return())
        read(f, control.entry).set(job.entry)
        read(f, control.args).set(job.args)
        read(f, control.units).set(job.units)
        read(f, control.grain).set(job.grain)
        read(f, control.chunks).set(job.chunks)
        claimChunk(f, claim)
        f.if(() => {
          runChunk(f, type, claim, job, from, to)
          f.i32(0).i32(1).atomic(i32AtomicRmwAdd, control.done).i32(1).op(i32Add)
          readShared(f, control.awaited).op(i32Eq)
          f.if(() => f.i32(1).call(wake))
        })
        f.branch(1)
      })
      awaitJob(f, claim, spins, sleep)
      f.branch(0)
    })
    f.unreachable()
  },
}

/** Waits until the claim word is not `claim`: busily at first, then asleep until the next job. */
const awaitJob = (f: FunctionBuilder, claim: Local, spins: Local, sleep: Callee): void => {
  read(f, control.workerSpins).set(spins)
  f.block(() => {
    f.loop(() => {
      readClaim(f).get(claim).op(i64Ne).branchIf(1)
      f.get(spins).i32(1).op(i32Sub).tee(spins).branchIf(0)
    })
    f.i32(0).i32(1).atomic(i32AtomicRmwAdd, control.parked).drop()
    jobOf(f, claim).i32(-1).call(sleep)
    f.i32(0).i32(1).atomic(i32AtomicRmwSub, control.parked).drop()
  })
}
