// The rivals are installed beside this package on demand, so they are found by their path.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const folder = join(dirname(fileURLToPath(import.meta.url)), '../.rivals')

/** Finds packages in the folder of the rivals. */
export const requireRival = createRequire(join(folder, 'package.json'))

/** The installed version of a package. */
export const versionOf = (name) =>
  JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')).version
