import { gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'
import { encodeDigits } from '../src/tasks/digits-file.js'

const name = 'digits.bin'

/** The page's file of digits: those of the app digits, with its split. */
export const digitsFile = (): Plugin => {
  let packed: Promise<Buffer> | null = null
  const pack = async (note: (line: string) => void): Promise<Buffer> => {
    // Loads the library, which serving a finished page does not need.
    const { datasetPaths, loadExamples } = await import('digits/dataset')
    return gzipSync(encodeDigits(await loadExamples(datasetPaths(process.env), note)), { level: 9 })
  }
  return {
    name: 'digits-file',
    configureServer: ({ config, middlewares }) => {
      middlewares.use(`/${name}`, (_request, response, next) => {
        packed ??= pack((line) => config.logger.info(line))
        packed.then((bytes) => {
          response.setHeader('Content-Type', 'application/octet-stream')
          response.end(bytes)
        }, next)
      })
    },
    async generateBundle() {
      this.emitFile({ type: 'asset', fileName: name, source: await pack((line) => this.info(line)) })
    },
  }
}
