/** Set while someone wants to know; the check costs a read nothing else. */
let outer: { any: boolean } | null = null

/** For `Variable`: a value made outside all transforms was read. */
export const noteOuterRead = (): void => {
  if (outer !== null) outer.any = true
}

/**
 * Runs `f`, and tells whether it read a Variable that was made outside all transforms: inside a transform, one that was
 * captured instead of passed. What was traced with its value is wrong when it has another one.
 */
export const watchOuterReads = <R>(f: () => R): { readonly result: R; readonly any: boolean } => {
  const before = outer
  const own = { any: false }
  outer = own
  try {
    return { result: f(), any: own.any }
  } finally {
    outer = before
    if (before !== null && own.any) before.any = true
  }
}
