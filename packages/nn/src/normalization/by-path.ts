/** What belongs to the Variables of a module, nested as they are. */
export interface ByPath<V> {
  [key: string]: ByPath<V> | V
}

type Path = readonly (string | number)[]

export const nestByPath = <V extends object>(entries: readonly (readonly [Path, V])[]): ByPath<V> => {
  const root: ByPath<V> = {}
  for (const [path, value] of entries) {
    const parent = path.slice(0, -1).reduce<ByPath<V>>((at, key) => (at[key] ??= {}) as ByPath<V>, root)
    parent[path.at(-1)!] = value
  }
  return root
}

/** What `nestByPath` put at a path, or undefined. */
export const atPath = <V extends object>(root: ByPath<V>, path: Path): V | undefined =>
  path.reduce<ByPath<V> | V | undefined>((at, key) => (at as ByPath<V> | undefined)?.[key], root) as V | undefined
