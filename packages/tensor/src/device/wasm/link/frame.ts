import { dtypeBytes, type StoredDType } from '../../../core/dtype.js'
import { storedNumber } from '../../../core/host.js'

/** One element that the program carries, in its frame. */
interface ConstantData {
  /** Where its data lie, in words of the frame. */
  readonly word: number
  readonly dtype: StoredDType
  readonly value: number
  /** Words that take its address. */
  readonly places: number[]
}

/**
 * The layout of a program's frame: words that hold addresses and parameters, and the data of constants. What the
 * host has to write into a fresh frame follows from it.
 */
export class FrameLayout {
  #words = 0
  readonly constants: ConstantData[] = []
  /** Words that take an address in the workspace. */
  readonly temporaries: { readonly word: number; readonly offset: number }[] = []
  /** Words of fixed content. */
  readonly numbers: { readonly word: number; readonly value: number }[] = []
  #workspace = 0

  get words(): number {
    return this.#words
  }
  get workspaceBytes(): number {
    return this.#workspace
  }

  /** The first of `count` new words. */
  reserve(count: number): number {
    const at = this.#words
    this.#words += count
    return at
  }

  /** Lets a word point at `bytes` bytes of the workspace from `offset` on. */
  temporary(word: number, offset: number, bytes: number): void {
    this.temporaries.push({ word, offset })
    this.#workspace = Math.max(this.#workspace, offset + bytes)
  }

  /** The data of one element; `places` are the words that take its address. */
  constant(dtype: StoredDType, value: number): number[] {
    // Vectors read sixteen bytes.
    const places: number[] = []
    this.#words = Math.ceil(this.#words / 4) * 4
    this.constants.push({ word: this.reserve(4), dtype, value, places })
    return places
  }

  number(word: number, value: number): void {
    this.numbers.push({ word, value })
  }

  /** Writes what does not change into a frame at `address`. */
  initialize(words: Int32Array, address: number): void {
    const base = address / 4
    for (const { word, value } of this.numbers) words[base + word] = value
    for (const { word, dtype, value, places } of this.constants) {
      const at = address + 4 * word
      writeElement(words.buffer, at, dtype, value)
      for (const place of places) words[base + place] = at
    }
  }

  /** Writes the addresses that lie in the workspace. */
  place(words: Int32Array, address: number, workspace: number): void {
    const base = address / 4
    for (const { word, offset } of this.temporaries) words[base + word] = workspace + offset
  }
}

const writeElement = (memory: ArrayBufferLike, at: number, dtype: StoredDType, value: number): void => {
  const view = new DataView(memory, at, 8)
  const stored = storedNumber(dtype, value)
  if (dtype === 'float32') view.setFloat32(0, stored, true)
  else if (dtype === 'float64') view.setFloat64(0, stored, true)
  else if (dtypeBytes(dtype) === 1) view.setInt8(0, stored)
  else if (dtypeBytes(dtype) === 2) view.setInt16(0, stored, true)
  else view.setInt32(0, stored, true)
}
