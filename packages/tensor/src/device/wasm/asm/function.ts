import { i32Add } from './opcodes.js'

/** Types of values, by their code in a module. */
export const i32 = 0x7f
export const i64 = 0x7e
export const f32 = 0x7d
export const f64 = 0x7c
export const v128 = 0x7b
export type ValueType = typeof i32 | typeof i64 | typeof f32 | typeof f64 | typeof v128
/** A block without a result. */
const none = 0x40

/** A local of a function, by its index. */
export type Local = number

/** What can be called: a function of the module or one that it imports. */
export interface Callee {
  readonly index: number
}

/** Bytes of an unsigned integer, seven bits each, the lowest first. */
export const unsigned = (into: number[], value: number): void => {
  let rest = value >>> 0
  do {
    const low = rest & 127
    rest >>>= 7
    into.push(rest === 0 ? low : low | 128)
  } while (rest !== 0)
}

const signed = (into: number[], value: number): void => {
  let rest = value | 0
  for (;;) {
    const low = rest & 127
    rest >>= 7
    if ((rest === 0 && (low & 64) === 0) || (rest === -1 && (low & 64) !== 0)) {
      into.push(low)
      return
    }
    into.push(low | 128)
  }
}

const scratch = new DataView(new ArrayBuffer(8))

/** The natural alignment of an access, as a power of two, is only a hint; 0 is always right but for atomics. */
const unaligned = 0

/**
 * Writes the body of one function, instruction by instruction. Operands come from the stack, as in the text format
 * read backwards: `f.get(x).get(y).op(f32x4Add).set(z)`.
 */
export class FunctionBuilder implements Callee {
  readonly index: number
  readonly params: readonly ValueType[]
  readonly results: readonly ValueType[]
  readonly locals: ValueType[] = []
  /** Where instructions go: swapped by `within`. */
  #code: number[] = []

  constructor(index: number, params: readonly ValueType[], results: readonly ValueType[]) {
    this.index = index
    this.params = params
    this.results = results
  }

  get code(): readonly number[] {
    return this.#code
  }

  local(type: ValueType): Local {
    return this.params.length + this.locals.push(type) - 1
  }

  /** Writes what `emit` writes into `into`, to be put in place later by `append`. */
  within(into: number[], emit: () => void): number[] {
    const outer = this.#code
    this.#code = into
    try {
      emit()
    } finally {
      this.#code = outer
    }
    return into
  }
  append(code: readonly number[]): this {
    for (const byte of code) this.#code.push(byte)
    return this
  }

  /** An instruction without immediates. */
  op(code: number): this {
    if (code < 0x100) this.#code.push(code)
    else {
      this.#code.push(code >>> 16)
      unsigned(this.#code, code & 0xffff)
    }
    return this
  }
  /** An instruction that takes a lane. */
  lane(code: number, lane: number): this {
    this.op(code)
    this.#code.push(lane)
    return this
  }
  /** A load or store at the address on the stack plus `offset` bytes. */
  memory(code: number, offset = 0): this {
    this.op(code)
    unsigned(this.#code, unaligned)
    unsigned(this.#code, offset)
    return this
  }
  /** A load or store of one lane. */
  memoryLane(code: number, lane: number, offset = 0): this {
    this.memory(code, offset)
    this.#code.push(lane)
    return this
  }
  /** An atomic access to an aligned word of 4 bytes, or of 8. */
  atomic(code: number, offset = 0, bytes: 4 | 8 = 4): this {
    this.op(code)
    unsigned(this.#code, bytes === 8 ? 3 : 2)
    unsigned(this.#code, offset)
    return this
  }

  get(local: Local): this {
    this.#code.push(0x20)
    unsigned(this.#code, local)
    return this
  }
  set(local: Local): this {
    this.#code.push(0x21)
    unsigned(this.#code, local)
    return this
  }
  tee(local: Local): this {
    this.#code.push(0x22)
    unsigned(this.#code, local)
    return this
  }
  globalGet(global: number): this {
    this.#code.push(0x23)
    unsigned(this.#code, global)
    return this
  }
  globalSet(global: number): this {
    this.#code.push(0x24)
    unsigned(this.#code, global)
    return this
  }

  i32(value: number): this {
    this.#code.push(0x41)
    signed(this.#code, value)
    return this
  }
  f32(value: number): this {
    scratch.setFloat32(0, value, true)
    this.#code.push(0x43)
    return this.#bytes(4)
  }
  f64(value: number): this {
    scratch.setFloat64(0, value, true)
    this.#code.push(0x44)
    return this.#bytes(8)
  }
  /** Four equal lanes. */
  f32x4(value: number): this {
    scratch.setFloat32(0, value, true)
    return this.#splat(4)
  }
  i32x4(value: number): this {
    scratch.setInt32(0, value | 0, true)
    return this.#splat(4)
  }
  /** Two equal lanes. */
  f64x2(value: number): this {
    scratch.setFloat64(0, value, true)
    return this.#splat(8)
  }
  /** Four lanes. */
  i32x4Of(lanes: readonly number[]): this {
    this.op(0xfd000c)
    for (const lane of lanes) {
      scratch.setInt32(0, lane | 0, true)
      this.#bytes(4)
    }
    return this
  }
  #splat(width: number): this {
    this.op(0xfd000c)
    for (let at = 0; at < 16; at += width) this.#bytes(width)
    return this
  }
  #bytes(count: number): this {
    for (let i = 0; i < count; i++) this.#code.push(scratch.getUint8(i))
    return this
  }
  /** Picks four 32-bit lanes out of two vectors: 0 to 3 from the first, 4 to 7 from the second. */
  shuffle32(a: number, b: number, c: number, d: number): this {
    this.op(0xfd000d)
    for (const lane of [4 * a, 4 * b, 4 * c, 4 * d]) this.#code.push(lane, lane + 1, lane + 2, lane + 3)
    return this
  }
  /** Picks sixteen bytes out of two vectors. */
  shuffle(bytes: readonly number[]): this {
    this.op(0xfd000d)
    return this.append(bytes)
  }

  select(): this {
    this.#code.push(0x1b)
    return this
  }
  drop(): this {
    this.#code.push(0x1a)
    return this
  }
  call(f: Callee): this {
    this.#code.push(0x10)
    unsigned(this.#code, f.index)
    return this
  }
  /** Calls the entry of table 0 whose number is on the stack; `type` is the module's number of its type. */
  callIndirect(type: number): this {
    this.#code.push(0x11)
    unsigned(this.#code, type)
    unsigned(this.#code, 0)
    return this
  }
  /** Copies `length` bytes from `source` to `destination`, all on the stack in the order destination, source, length. */
  memoryCopy(): this {
    return this.append([0xfc, 10, 0, 0])
  }
  /** Fills bytes: destination, value, length on the stack. */
  memoryFill(): this {
    return this.append([0xfc, 11, 0])
  }
  memorySize(): this {
    return this.append([0x3f, 0])
  }
  /** Whether the entry of table 0 whose number is on the stack is empty. */
  tableIsEmpty(): this {
    return this.append([0x25, 0, 0xd1])
  }
  return(): this {
    this.#code.push(0x0f)
    return this
  }
  unreachable(): this {
    this.#code.push(0x00)
    return this
  }

  /** Jumps out of (or, for a loop, to the start of) the block that encloses `depth` others. */
  branch(depth: number): this {
    this.#code.push(0x0c)
    unsigned(this.#code, depth)
    return this
  }
  branchIf(depth: number): this {
    this.#code.push(0x0d)
    unsigned(this.#code, depth)
    return this
  }
  block(emit: () => void): this {
    return this.#block(0x02, none, emit)
  }
  loop(emit: () => void): this {
    return this.#block(0x03, none, emit)
  }
  /** Runs `then` where the word on the stack is not 0; with a `result` both sides leave one. */
  if(then: () => void, otherwise: (() => void) | null = null, result: ValueType | null = null): this {
    this.#code.push(0x04, result ?? none)
    then()
    if (otherwise !== null) {
      this.#code.push(0x05)
      otherwise()
    }
    this.#code.push(0x0b)
    return this
  }
  #block(kind: number, type: number, emit: () => void): this {
    this.#code.push(kind, type)
    emit()
    this.#code.push(0x0b)
    return this
  }

  /** Adds a constant to an integer local. */
  increment(local: Local, by: number): this {
    return this.get(local).i32(by).op(i32Add).set(local)
  }
}
