import { open, stat } from 'node:fs/promises'

/**
 * The bytes of a regular file of at most `limit` bytes. Size and kind are looked at before opening: a pipe would wait
 * for ever, a huge file would exhaust memory.
 */
export const readBounded = async (path: string, limit: number): Promise<Buffer> => {
  const { size } = await statBounded(path, limit)
  const file = await open(path, 'r')
  try {
    const bytes = Buffer.alloc(size)
    let filled = 0
    while (filled < size) {
      const { bytesRead } = await file.read(bytes, filled, size - filled, filled)
      if (bytesRead === 0) throw new Error(`ended after ${filled} of ${size} bytes`)
      filled += bytesRead
    }
    return bytes
  } finally {
    await file.close()
  }
}

/** Size and time of change of a regular file of at most `limit` bytes. */
export const statBounded = async (path: string, limit: number): Promise<{ size: number; mtimeMs: number }> => {
  const found = await stat(path)
  if (!found.isFile()) throw new Error('is not a file')
  if (found.size > limit) throw new Error(`has ${found.size} bytes, more than the ${limit} allowed`)
  return found
}
