// Runs npm without a shell where possible. bootstrap.mjs imports this, so the syntax stays old enough for an old Node.
import { spawnSync } from 'child_process'

const cli = process.env.npm_execpath

/** Runs npm in `folder`: the npm that runs us, else the one on the PATH (a .cmd file on Windows, hence the shell). */
export const npm = (args, folder, options) => {
  const settings = Object.assign({ cwd: folder, stdio: 'inherit' }, options)
  if (cli && /npm-cli\.[cm]?js$/.test(cli)) return spawnSync(process.execPath, [cli].concat(args), settings)
  return spawnSync('npm', args, Object.assign(settings, { shell: process.platform === 'win32' }))
}
