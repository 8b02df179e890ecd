// Runs the program in a page of headless Chromium, which a server here serves; the page sends its report back to it.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome.exe']
const elsewhere = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/** The path of a Chromium: CHROMIUM, else one on the PATH or where it is usually installed; or why there is none. */
export const findChromium = () => {
  const asked = process.env.CHROMIUM
  if (asked) return existsSync(asked) ? { path: asked } : { reason: `CHROMIUM names no file, got ${asked}` }
  const folders = (process.env.PATH ?? '').split(delimiter)
  const candidates = [...folders.flatMap((folder) => names.map((name) => join(folder, name))), ...elsewhere]
  const path = candidates.find((file) => existsSync(file))
  return path === undefined ? { reason: 'no Chromium is installed; CHROMIUM=path names one' } : { path }
}

const flags = [
  '--headless',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-extensions',
  '--disable-sync',
  '--disable-quic',
  '--mute-audio',
  // A sandbox cannot be had by root.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
]

/** Without a gpu, or with a software one for WebGPU and WebGL2. */
const gpuFlags = {
  none: ['--disable-gpu'],
  software: [
    '--enable-unsafe-webgpu',
    '--use-webgpu-adapter=swiftshader',
    '--use-angle=swiftshader',
    '--enable-unsafe-swiftshader',
  ],
}

const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}

// A script that cannot be loaded must not look like one that takes long.
const page = (inWorker) => `<!doctype html><meta charset="utf-8"><title>linum</title><script type="module">
const fail = (error) => fetch('/report', { method: 'POST', body: JSON.stringify({ error: String(error) }) })
addEventListener('error', ({ message }) => fail(message))
addEventListener('unhandledrejection', ({ reason }) => fail(reason))
${
  inWorker
    ? `new Worker('/program.mjs' + location.search, { type: 'module' }).onerror = ({ message }) => fail(message ?? 'the worker did not load')`
    : `import('/program.mjs').catch(fail)`
}
</script>`

const body = async (request) => {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

/** Serves the page on a free port of this machine. */
const serve = (program, { isolated, inWorker }, { onProgress, onReport }) => {
  const text = readFileSync(program)
  const kinds = {
    '/': ['text/html', page(inWorker)],
    '/program.mjs': ['text/javascript', text],
  }
  const answer = async (request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost')
    if (request.method === 'POST') {
      const sent = await body(request)
      response.writeHead(204).end()
      if (pathname === '/report') onReport(JSON.parse(sent))
      else onProgress(sent)
      return
    }
    const found = kinds[pathname]
    if (found === undefined) return void response.writeHead(404).end()
    response.writeHead(200, { 'Content-Type': `${found[0]}; charset=utf-8`, ...(isolated ? isolation : {}) })
    response.end(found[1])
  }
  const server = createServer((request, response) => {
    answer(request, response).catch((error) => {
      onReport({ error: `the server of the page failed: ${error.message}` })
      response.destroy()
    })
  })
  return new Promise((resolve, reject) => {
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => resolve(server))
  })
}

/**
 * Runs the program at `program` in a page, or in a worker of one, that is cross-origin isolated or not, with a gpu
 * (`software`) or without. Returns the report, or what went wrong.
 */
export const runPage = async ({ chromium, program, options, gpu = 'none', ...kind }, { limit, onProgress }) => {
  const profile = mkdtempSync(join(tmpdir(), 'linum-chromium-'))
  let settle
  const outcome = new Promise((resolve) => {
    settle = resolve
  })
  const server = await serve(program, kind, { onProgress, onReport: (report) => settle({ report }) })
  const query = encodeURIComponent(JSON.stringify(options))
  const url = `http://127.0.0.1:${server.address().port}/?${query}`
  const child = spawn(chromium, [...flags, ...gpuFlags[gpu], `--user-data-dir=${profile}`, url], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text) => {
    errors += text
  })
  const ended = new Promise((resolve) => {
    child.on('error', (error) => resolve(settle({ problem: `it did not start: ${error.message}` })))
    child.on('close', (code, signal) =>
      resolve(settle({ problem: `it ended with ${code ?? signal} before its report: ${errors.trim().slice(-600)}` })),
    )
  })
  const timer = setTimeout(() => settle({ problem: `it gave no report within ${limit / 1000} s` }), limit)
  try {
    return await outcome
  } finally {
    clearTimeout(timer)
    child.kill()
    const stuck = setTimeout(() => child.kill('SIGKILL'), 5000)
    await ended
    clearTimeout(stuck)
    server.closeAllConnections()
    server.close()
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
  }
}
