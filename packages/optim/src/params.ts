/** The parameters. Throws TypeError, naming the transformation, where `update` was called without. */
export const requireParams = (fn: string, params: unknown): unknown => {
  if (params !== undefined && params !== null) return params
  throw new TypeError(
    `${fn}: You are using a transformation that requires the current value of parameters, but you are not passing \`params\` when calling \`update\`, got ${String(params)}; call update(updates, state, params)`,
  )
}
