import { fileURLToPath } from 'node:url'

/** The folder of this app, in which its data set is installed and the cache is kept. */
export const appFolder: string = fileURLToPath(new URL('..', import.meta.url))
