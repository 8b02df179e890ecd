/** The name of an object's class for messages. An attribute may be called `constructor`, so the prototype is asked. */
export const className = (x: object): string => {
  const prototype = Object.getPrototypeOf(x) as { readonly constructor?: { readonly name?: string } } | null
  return prototype?.constructor?.name ?? 'Object'
}

/** A value in a message: its class, or itself where it is no object. */
export const describeValue = (x: unknown): string => {
  if (typeof x === 'object' && x !== null) return `an instance of ${className(x)}`
  if (typeof x === 'function') return x.name === '' ? 'a function' : `function ${x.name}`
  return typeof x === 'string' ? `'${x}'` : String(x)
}
