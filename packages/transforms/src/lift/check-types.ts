import { formatPath, type Path } from '@linum/filters'
import { type Aval, DtypeError, ShapeError, type Tensor } from '@linum/tensor'
import { formatShape, sameShape } from '@linum/tensor/core'
import { perTensor, type Values } from './values.js'

const typeName = (a: Aval): string => `${a.dtype}${formatShape(a.shape)}`

/** The path of each tensor. */
export const tensorPaths = (paths: readonly Path[], shapes: Values['shapes']): readonly Path[] =>
  perTensor(paths, shapes)

/**
 * Throws ShapeError or DtypeError, naming the path, for the first tensor whose type is not the expected one. A weak
 * number gives way and is left to the pure transform.
 */
export const checkTypes = (
  message: (got: string, want: string, path: string) => string,
  want: readonly Aval[],
  got: readonly Tensor[],
  paths: readonly Path[],
  show: (path: Path) => string = formatPath,
): void =>
  got.forEach((t, i) => {
    const w = want[i]!
    const text = (): string => message(typeName(t.aval), typeName(w), show(paths[i]!))
    if (!sameShape(t.shape, w.shape)) throw new ShapeError(text())
    if (t.dtype !== w.dtype && !t.weak && !w.weak) throw new DtypeError(`${text()}; convert it with astype`)
  })
