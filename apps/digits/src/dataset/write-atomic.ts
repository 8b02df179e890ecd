import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** A temporary file this old was left by a process that was killed while writing. */
const abandonedAfterMs = 10 * 60 * 1000

/**
 * Replaces a file as a whole: whoever reads `path`, whenever this process is killed and however many processes write
 * at once, finds the old content or the new content. Creates the folder.
 */
export const writeAtomic = async (path: string, bytes: Uint8Array): Promise<void> => {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true })
  await removeAbandoned(path)
  const temporary = `${path}.${randomUUID()}.tmp`
  try {
    const file = await open(temporary, 'wx')
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncFolder(folder)
}

/** Makes the rename itself durable. Windows cannot open folders and does not need it. */
const syncFolder = async (folder: string): Promise<void> => {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const removeAbandoned = async (path: string): Promise<void> => {
  const folder = dirname(path)
  const leftovers = (await readdir(folder)).filter(
    (name) => name.startsWith(`${basename(path)}.`) && name.endsWith('.tmp'),
  )
  for (const name of leftovers) {
    const file = join(folder, name)
    // Another process may rename or remove it between these two calls.
    const found = await stat(file).catch(() => null)
    if (found !== null && Date.now() - found.mtimeMs > abandonedAfterMs) await rm(file, { force: true })
  }
}
