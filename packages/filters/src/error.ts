/** A filter is not one, stands in the wrong place, or leaves something unmatched. */
export class FilterError extends Error {
  override readonly name = 'FilterError'
}
