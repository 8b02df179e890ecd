interface Host {
  readonly Deno?: { readonly version: { readonly deno: string } }
  readonly Bun?: { readonly version: string }
  readonly process?: { readonly versions: { readonly node: string } }
  readonly navigator?: { readonly userAgent: string }
}

/** The version of the runtime that this runs in. */
export const version = (): string => {
  const { Deno, Bun, process, navigator } = globalThis as unknown as Host
  if (Deno !== undefined) return Deno.version.deno
  if (Bun !== undefined) return Bun.version
  if (process !== undefined) return process.versions.node
  return /Chrom\w*\/([\d.]+)/.exec(navigator?.userAgent ?? '')?.[1] ?? 'unknown'
}

const isPage = !('process' in globalThis)

const post = async (path: string, text: string): Promise<void> => {
  const { status } = await fetch(path, { method: 'POST', body: text })
  if (status !== 204) throw new Error(`the server of the page answered ${status}`)
}

/** Tells how far the run is: a process on its standard error, a page to its server. */
export const progress = async (text: string): Promise<void> => {
  if (isPage) await post('/progress', text)
  else console.error(text)
}

/** Hands over the report: a process prints it, a page sends it to its server. */
export const deliver = async (report: unknown): Promise<void> => {
  const text = JSON.stringify(report)
  if (isPage) await post('/report', text)
  else console.log(text)
}

/** Lets workers start, finalizers run and messages arrive. */
export const pause = (milliseconds = 0): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))
