import { fileURLToPath } from 'node:url'
import { defaultServerConditions } from 'vite'
import { defineConfig } from 'vitest/config'
const names = (process.env["P"] ?? "tensor").split(",")
export default defineConfig({
  resolve: { conditions: ['linum-source'], alias: { '@fast-check/vitest': fileURLToPath(new URL('test/property/property.ts', import.meta.url)) } },
  ssr: { resolve: { conditions: ['linum-source', ...defaultServerConditions] } },
  test: { silent: 'passed-only', testTimeout: 600000, isolate: false, maxWorkers: 1, fileParallelism: false,
    setupFiles: ['./test/setup/check-programs.ts', './test/setup/open-gpu.ts'].concat(process.env['DEF'] ? ['./test/setup/gpu-default.scratch.ts'] : []), include: names.map(n => `packages/${n}/test/**/*.test.ts`) },
})
