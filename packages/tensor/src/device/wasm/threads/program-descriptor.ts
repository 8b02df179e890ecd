/** How workers find the code of a program: a block of words in shared memory. */
export interface ProgramDescriptor {
  /** Where the bytes of the program's module are. */
  readonly bytes: number
  readonly byteLength: number
  /** The program's functions are the table's entries from `tableBase` on. */
  readonly tableBase: number
  readonly tableCount: number
  /** A number of its own, from 1, that is never given to another program. */
  readonly id: number
}

/** Bytes of a descriptor; its address is what `fork` takes as program. */
export const descriptorBytes = 20
/** The offset of the program's number. */
export const descriptorId = 16

/** Writes a descriptor at `address`. It must stay there, and the module's bytes too, while a job of the program runs. */
export const writeDescriptor = (words: Int32Array, address: number, descriptor: ProgramDescriptor): void => {
  const { bytes, byteLength, tableBase, tableCount, id } = descriptor
  words.set([bytes, byteLength, tableBase, tableCount, id], address / 4)
}
