/** An element of the page by its id. Throws TypeError where it is not of that class. */
export const find = <T extends Element>(id: string, type: abstract new () => T): T => {
  const found = document.getElementById(id)
  if (found instanceof type) return found
  throw new TypeError(`find: #${id} must be a ${type.name}, got ${found === null ? 'nothing' : found.tagName}`)
}

/** A new element with a class, text or children. */
export const make = <K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] => {
  const element = document.createElement(tag)
  if (className !== '') element.className = className
  element.append(...children)
  return element
}
