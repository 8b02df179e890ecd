import { BoundedCache } from '../core/bounded-cache.js'
import { Cell } from '../core/cell.js'
import type { Aval, DType, StoredDType, TypedArray } from '../core/dtype.js'
import { DeviceError } from '../core/errors.js'
import { filledHost, numberOf } from '../core/host.js'
import { sizeOf } from '../core/shape.js'
import { Tensor } from '../core/tensor.js'
import { type BaseTrace, setBaseTrace } from '../core/trace.js'
import type { PrimitiveName, PrimitiveParams } from '../primitives/primitive.js'
import { inferTypes } from '../primitives/type-rules.js'
import { callHost, programHasEffect, runPostponed } from '../program/effects.js'
import { paramKey, programKey } from '../program/hash.js'
import { calledProgram } from '../program/nested.js'
import { type Equation, makeEquation, makeVar, type Program } from '../program/program.js'
import { makeSchedule } from '../program/schedule.js'
import { inStage } from '../program/stages.js'
import type { Device, Executable } from './device.js'
import { observer } from './observer.js'
import { defaultDevice } from './registry.js'

/** Compiled code of one device. Both caches forget what was not used for long. */
interface Compiled {
  readonly programs: BoundedCache<string, Executable>
  readonly byIdentity: WeakMap<Program, { readonly executable: Executable; readonly donated: readonly number[] }>
  readonly operations: BoundedCache<string, Operation>
  readonly literals: BoundedCache<string, Tensor>
}
/** One primitive on given types, ready to run. */
interface Operation {
  readonly executable: Executable
  readonly results: readonly Aval[]
}

const compiledBy = new WeakMap<Device, Compiled>()
const compiledOf = (device: Device): Compiled => {
  let c = compiledBy.get(device)
  if (c === undefined) {
    c = {
      programs: new BoundedCache(256),
      byIdentity: new WeakMap(),
      operations: new BoundedCache(4096),
      literals: new BoundedCache(1024),
    }
    compiledBy.set(device, c)
  }
  return c
}

const storedType = (dtype: DType): StoredDType => (dtype === 'key' ? 'uint32' : dtype)
const storedLength = (aval: Aval): number => sizeOf(aval.shape) * (aval.dtype === 'key' ? 2 : 1)

/** The primitives that share their operand's cell: the same elements in the same order. */
const sharing: ReadonlySet<PrimitiveName> = new Set<PrimitiveName>([
  'reshape',
  'stop_gradient',
  'checkpoint_name',
  'random_wrap',
  'random_unwrap',
])

/** Scalars written as numbers: they follow their neighbours to any device. */
const literals = new WeakMap<Tensor, number | boolean>()

const deviceOf = (name: string, args: readonly Tensor[]): Device => {
  const first = args[0]
  if (first === undefined) return defaultDevice()
  const device = first.cell(name).device
  if (args.every((x) => x.cell(name).device === device)) return device
  const others = [...new Set(args.filter((x) => !literals.has(x)).map((x) => x.cell(name).device))]
  const [one, two] = others
  if (one !== undefined && two !== undefined) {
    throw new DeviceError(
      `${name}: tensors are on different devices, got '${one.name}' and '${two.name}'; move one with x.to('${one.name}')`,
    )
  }
  return one ?? device
}

const onDevice = (x: Tensor, device: Device, name: string): Cell => {
  const cell = x.cell(name)
  return cell.device === device ? cell : evaluation.literal(literals.get(x)!, x.dtype, x.weak, device).cell(name)
}

/** Text equal for equal types and parameters. */
const operationKey = (name: string, args: readonly Tensor[], params: unknown): string => {
  let key = name
  for (const x of args) key += `;${x.dtype}${x.weak ? '*' : ''}${x.shape.join()}`
  return params === null ? key : `${key}|${paramKey(params)}`
}

const wrap = (device: Device, aval: Aval, buffer: ReturnType<Executable['run']>[number]): Tensor =>
  new Tensor(aval, evaluation, new Cell(device, storedType(aval.dtype), storedLength(aval), buffer))

/** A program compiled for a device: by identity first, then by what it says. */
const executableOf = (device: Device, program: Program, donated: readonly number[]): Executable => {
  const compiled = compiledOf(device)
  const known = compiled.byIdentity.get(program)
  if (known !== undefined && sameList(known.donated, donated)) return known.executable
  const key = inStage('hash', () => `${donated.join()}|${programKey(program)}`)
  const executable = compiled.programs.get(key, () =>
    inStage('emit', () => device.compile(makeSchedule(program, donated), { parametric: false })),
  )
  compiled.byIdentity.set(program, { executable, donated })
  return executable
}

const sameList = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((x, i) => x === b[i])

/** What a call gives away. `donatable` are the operands that any call of the program may give, for one plan for all of them. */
interface Donation {
  readonly donated?: readonly number[]
  readonly donatable?: readonly number[]
}
const none: readonly number[] = []

/** By operand, whether it may be overwritten: given away, and not needed for anything else. */
const overwritable = ({ donated = none }: Donation, cells: readonly Cell[]): boolean[] | undefined =>
  donated.length === 0
    ? undefined
    : cells.map((c, i) => donated.includes(i) && c.mine && cells.indexOf(c) === i && cells.lastIndexOf(c) === i)

/** Results in one buffer share a cell, and so does a result with the input whose buffer it is. */
const run = (
  device: Device,
  executable: Executable,
  cells: readonly Cell[],
  results: readonly Aval[],
  donation: Donation = {},
  why: () => string = () => '',
): Tensor[] => {
  const cellOf = new Map(cells.map((c) => [c.buffer, c] as const))
  const may = overwritable(donation, cells)
  const buffers = executable.run(
    cells.map((c) => c.buffer),
    may,
  )
  const given = may === undefined ? [] : givenAway(donation, cells)
  const overwritten = new Set(executable.overwrites.flatMap((i) => (may?.[i] === true ? [cells[i]!] : [])))
  for (const cell of given) {
    if (overwritten.has(cell)) cellOf.delete(cell.buffer)
    if (overwritten.has(cell)) cell.release(why())
    // One that comes back as it was stays usable.
    else if (!buffers.includes(cell.buffer)) cell.free(why())
  }
  runPostponed()
  return buffers.map((buffer, i) => {
    const aval = results[i]!
    const shared = cellOf.get(buffer)
    if (shared !== undefined) return new Tensor(aval, evaluation, shared.share())
    const made = wrap(device, aval, buffer)
    cellOf.set(buffer, made.cell('run'))
    return made
  })
}

class Evaluation implements BaseTrace {
  readonly level = 0
  readonly dynamic = false
  readonly label = 'evaluation'

  process<K extends PrimitiveName>(name: K, args: readonly Tensor[], params: PrimitiveParams[K]): readonly Tensor[] {
    if (sharing.has(name)) {
      const x = args[0]!
      return [new Tensor(inferTypes(name, [x.aval], params)[0]!, evaluation, x.cell(name).share())]
    }
    if (name === 'optimization_barrier') return args
    if (name === 'debug_callback') {
      callHost(params as PrimitiveParams['debug_callback'], args)
      return []
    }
    if (name === 'full') {
      // Filled here: a kernel per value would be compiled for each.
      const { value } = params as PrimitiveParams['full']
      const aval = inferTypes(name, [], params)[0]!
      return [this.upload(filledHost(aval.dtype, sizeOf(aval.shape), Number(value)), aval)]
    }
    const device = deviceOf(name, args)
    const cells = args.map((x) => onDevice(x, device, name))
    const program = calledProgram(name, params)
    if (program !== null) {
      // A callback or an observer may throw, and then the old values are still needed.
      const donation = observer() !== null || programHasEffect(program) ? {} : (params as Donation)
      const results = run(
        device,
        executableOf(device, program, donation.donatable ?? donation.donated ?? none),
        cells,
        program.outputs.map((o) => o.aval),
        donation,
        () => `it was donated to ${callName(name, params)}`,
      )
      observer()?.call(callName(name, params), program, args, results)
      return results
    }
    const operation = compiledOf(device).operations.get(operationKey(name, args, params), () =>
      compileOperation(device, name, args, params),
    )
    const results = run(device, operation.executable, cells, operation.results)
    observer()?.operation(equationOf(name, args, params, results), args, results)
    return results
  }

  literal(value: number | boolean, dtype: DType, weak: boolean, device: Device = defaultDevice()): Tensor {
    const key = `${dtype}${weak ? '*' : ''}${Object.is(value, -0) ? '-0' : String(value)}`
    return compiledOf(device).literals.get(key, () => {
      const host = filledHost(dtype, 1, Number(value))
      const x = this.upload(host, { shape: [], dtype, weak }, device)
      // What is stored, which is rounded or wrapped.
      literals.set(x, dtype === 'bool' ? host[0] !== 0 : numberOf(dtype, host[0]!))
      x.cell('literal').pin()
      return x
    })
  }

  known(x: Tensor): number | boolean | null {
    const literal = literals.get(x)
    if (literal !== undefined) return literal
    const data = x.cell('literal').peek()
    return data === null ? null : x.dtype === 'bool' ? data[0] !== 0 : numberOf(x.dtype, data[0]!)
  }

  /** A tensor of host elements; they are copied. */
  upload(data: TypedArray, aval: Aval, device: Device = defaultDevice()): Tensor {
    return wrap(device, aval, device.upload(data, storedType(aval.dtype)))
  }
}

/** The cells that a call takes for good, whether or not it could write over them. */
const givenAway = ({ donated = none }: Donation, cells: readonly Cell[]): readonly Cell[] => {
  const others = new Set(cells.filter((_, i) => !donated.includes(i)))
  return [...new Set(donated.map((i) => cells[i]!))].filter((c) => c.mine && !others.has(c))
}

/** What a call is to be called in messages. */
const callName = (name: PrimitiveName, params: unknown): string => {
  const given = (params as { readonly name?: unknown }).name
  return typeof given === 'string' ? `${name}(${given})` : name
}

const equationOf = <K extends PrimitiveName>(
  name: K,
  args: readonly Tensor[],
  params: PrimitiveParams[K],
  results: readonly Tensor[],
): Equation =>
  makeEquation(
    name,
    params,
    args.map((x) => makeVar(x.aval)),
    results.map((x) => makeVar(x.aval)),
  )

const compileOperation = <K extends PrimitiveName>(
  device: Device,
  name: K,
  args: readonly Tensor[],
  params: PrimitiveParams[K],
): Operation => {
  const avals = args.map((x) => x.aval)
  const results = inferTypes(name, avals, params)
  const inputs = avals.map(makeVar)
  const outputs = results.map(makeVar)
  const program: Program = { inputs, equations: [makeEquation(name, params, inputs, outputs)], outputs }
  return { executable: device.compile(makeSchedule(program), { parametric: true }), results }
}

/** The trace outside all transforms: runs every primitive on the device of its arguments. */
export const evaluation: Evaluation = new Evaluation()

setBaseTrace(evaluation)
