/** A shape or an axis does not fit. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError'
}

/** A dtype is not one the function takes, among them integers where a derivative is asked for. */
export class DtypeError extends TypeError {
  override readonly name = 'DtypeError'
}

/** A traced value was used where only a concrete one can be, or outside the trace that made it. */
export class TraceError extends Error {
  override readonly name = 'TraceError'
}

/** A device cannot do what it was asked, or was lost. */
export class DeviceError extends Error {
  override readonly name = 'DeviceError'
}

/** A graph of modules has a structure that the operation cannot take: aliasing, missing streams or attributes. */
export class GraphError extends Error {
  override readonly name = 'GraphError'
}

/** A State has keys or leaves that do not fit. */
export class StateError extends Error {
  override readonly name = 'StateError'
}

/** A result held NaN while `debugNans` was on. */
export class NanError extends Error {
  override readonly name = 'NanError'
}
