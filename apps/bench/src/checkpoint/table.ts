import type { Cost } from './measure.js'

const kilobytes = (bytes: number): string => `${Math.round(bytes / 1000).toLocaleString('en-US')} KB`

/** The costs as a Markdown table, each as a part of the first. */
export const checkpointTable = (costs: readonly Cost[]): string => {
  const [plain] = costs
  const rows = costs.map((c) => [
    c.name,
    kilobytes(c.workspaceBytes),
    `${(c.workspaceBytes / plain!.workspaceBytes).toFixed(2)} x`,
    `${c.milliseconds.toFixed(1)} ms`,
    `${(c.milliseconds / plain!.milliseconds).toFixed(2)} x`,
  ])
  const head = ['gradient of the stack', 'workspace', '', 'best time', '']
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
