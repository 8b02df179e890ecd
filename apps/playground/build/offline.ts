import { createHash } from 'node:crypto'
import type { Plugin } from 'vite'

// A new version waits until no page of the old one is open: its files belong together.
const program = (version: string, files: readonly string[]): string => `const version = ${JSON.stringify(version)}
const files = ${JSON.stringify(files)}
addEventListener('install', (event) => {
  event.waitUntil(caches.open(version).then((cache) => cache.addAll(files.map((file) => new Request(file, { cache: 'reload' })))))
})
addEventListener('activate', (event) => {
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter((name) => name.startsWith('playground-') && name !== version).map((name) => caches.delete(name)))))
})
addEventListener('fetch', (event) => {
  if (event.request.method !== 'GET') return
  event.respondWith(caches.open(version).then((cache) => cache.match(event.request, { ignoreSearch: true, ignoreVary: true })).then((found) => found ?? fetch(event.request)))
})
`

/** A service worker that keeps every file of the build, so that the page opens without a network. */
export const offline = (): Plugin => ({
  name: 'offline',
  apply: 'build',
  transformIndexHtml: () => [
    {
      tag: 'script',
      attrs: { type: 'module' },
      // Where a page cannot have one, it works without.
      children: `navigator.serviceWorker?.register('./service-worker.js')`,
      injectTo: 'head',
    },
  ],
  generateBundle: {
    order: 'post',
    handler(_options, bundle) {
      const names = Object.keys(bundle).sort()
      const hash = createHash('sha256')
      for (const name of names) {
        const file = bundle[name]!
        hash.update(name).update(file.type === 'asset' ? file.source : file.code)
      }
      const version = `playground-${hash.digest('hex').slice(0, 16)}`
      const files = ['./', ...names.filter((name) => name !== 'index.html').map((name) => `./${name}`)]
      this.emitFile({ type: 'asset', fileName: 'service-worker.js', source: program(version, files) })
    },
  },
})
