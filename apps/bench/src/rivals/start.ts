import { spawnSync } from 'node:child_process'
import type { Contender } from './contenders.js'
import type { Request } from './protocol.js'
import { specs } from './specs.js'

/** Milliseconds from the start of a process to its end, after the first steps of the smallest model. */
export interface StartTime {
  readonly name: string
  readonly best: number
}

const { params, inputs } = specs.tiny
const request: Request = { call: 'prepare', workload: 'tiny', arrays: [...params, ...inputs] }

const bare: Contender = { name: 'bare Node', command: process.execPath, args: ['-e', '0'] }

const timed = ({ command, args, env = {} }: Contender): number | null => {
  const from = performance.now()
  const { status, stdout } = spawnSync(command, [...args], {
    input: `${JSON.stringify(request)}\n`,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, ...env },
  })
  const time = performance.now() - from
  return status === 0 && (args === bare.args || stdout.includes('"losses"')) ? time : null
}

/** The best of some rounds for a Node that does nothing and for each library. Those that fail are left out. */
export const measureStarts = (
  contenders: readonly Contender[],
  rounds: number,
  tell: (line: string) => void,
): readonly StartTime[] => {
  const all = [bare, ...contenders]
  const times = all.map((): number[] => [])
  for (let round = 1; round <= rounds; round++)
    all.forEach((contender, i) => {
      tell(`start: round ${round} of ${rounds}, ${contender.name}`)
      const time = timed(contender)
      if (time !== null) times[i]!.push(time)
    })
  return all.flatMap(({ name }, i) => (times[i]!.length === 0 ? [] : [{ name, best: Math.min(...times[i]!) }]))
}
