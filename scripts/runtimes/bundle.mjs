// A program of test/runtimes as one file without imports, from the sources, with the fixtures in it.
import { join } from 'node:path'
import { build } from 'vite'
import { root } from '../workspace.mjs'

/** Writes a program of test/runtimes into `folder` and returns its path. */
export const bundleProgram = async (folder, name = 'program') => {
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['linum-source'] },
    build: {
      rolldownOptions: {
        input: join(root, `test/runtimes/${name}.ts`),
        output: { format: 'es', entryFileNames: `${name}.mjs`, codeSplitting: false },
      },
      modulePreload: false,
      target: 'es2022',
      outDir: folder,
      emptyOutDir: false,
      // So that failures and stacks have names; fixtures are most of it.
      minify: false,
      chunkSizeWarningLimit: Infinity,
    },
  })
  return join(folder, `${name}.mjs`)
}
