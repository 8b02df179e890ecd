import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'linum-'))
  await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      ssr: fileURLToPath(new URL('exiting.ts', import.meta.url)),
      outDir: folder,
      rolldownOptions: { output: { entryFileNames: 'exiting.mjs' } },
    },
  })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** What a process printed and how it ended; one that does not end by itself is killed. */
const run = (...args: readonly string[]): Promise<{ readonly code: unknown; readonly stdout: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, [join(folder, 'exiting.mjs'), ...args], { timeout: 20_000 }, (error, stdout) =>
      resolve({ code: error === null ? 0 : (error.code ?? error.signal), stdout }),
    )
  })

for (const state of ['starting', 'spinning', 'parked'])
  test(`a process ends by itself while workers are ${state}`, async () => {
    expect(await run(state)).toEqual({ code: 0, stdout: `${state} true\n` })
    expect(await run(state, 'exit')).toEqual({ code: 3, stdout: `${state} true\n` })
  })

test('a process ends with its error while workers spin', async () => {
  expect(await run('spinning', 'throw')).toEqual({ code: 1, stdout: 'spinning true\n' })
})
