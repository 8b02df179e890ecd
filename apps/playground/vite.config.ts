import { fileURLToPath } from 'node:url'
import { defaultClientConditions, defineConfig } from 'vite'
import { digitsFile } from './build/digits-file.js'
import { isolation } from './build/isolation.js'
import { offline } from './build/offline.js'

/** The page shows classes by their names. */
const named = { keepNames: true }

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // Works in any folder of a server.
  base: './',
  resolve: { conditions: ['linum-source', ...defaultClientConditions] },
  plugins: [digitsFile(), offline()],
  worker: { format: 'es', rolldownOptions: { output: named } },
  server: { headers: isolation },
  preview: { headers: isolation },
  build: {
    outDir: 'dist/site',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: false,
    rolldownOptions: { output: named },
    // The library alone is more than the bundler would warn of.
    chunkSizeWarningLimit: Infinity,
  },
})
