// Runs the program as a process of a runtime.
import { spawn } from 'node:child_process'
import { root } from '../workspace.mjs'

/** How long a process may go on after its report; workers that sleep must not keep it. */
const afterwards = 30_000

/**
 * Runs a command that prints one JSON report and ends by itself. Returns the report, or what went wrong; `onProgress`
 * gets the lines of its standard error.
 */
export const runProcess = ({ command, args, env = {} }, { limit, onProgress }) =>
  new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let [out, errors] = ['', '']
    let late = null
    const timer = setTimeout(() => {
      late = `it had not ended after ${limit / 1000} s`
      child.kill('SIGKILL')
    }, limit)
    let staying
    child.stdout.setEncoding('utf8').on('data', (text) => {
      out += text
      if (!out.endsWith('\n') || staying !== undefined) return
      staying = setTimeout(() => {
        late = 'it did not end by itself after its report'
        child.kill('SIGKILL')
      }, afterwards)
    })
    child.stderr.setEncoding('utf8').on('data', (text) => {
      errors += text
      for (const line of text.split('\n')) if (line.trim() !== '') onProgress(line)
    })
    const finish = (outcome) => {
      clearTimeout(timer)
      clearTimeout(staying)
      resolve(outcome)
    }
    child.on('error', (error) => finish({ problem: `it did not start: ${error.message}` }))
    child.on('close', (code, signal) => {
      if (late !== null) return finish({ problem: late })
      if (code !== 0) return finish({ problem: `it ended with ${code ?? signal}: ${errors.trim().slice(-600)}` })
      try {
        finish({ report: JSON.parse(out) })
      } catch {
        finish({ problem: `it printed no report, got ${JSON.stringify(out.slice(0, 200))}` })
      }
    })
  })
