export { cholesky, type CholeskyOptions } from './cholesky.js'
export { det, slogdet } from './determinant.js'
export { eigh, type EighOptions, eigvalsh } from './eigh.js'
export { expm } from './expm.js'
export { lstsq, matrixRank, type MatrixRankOptions, pinv, type PinvOptions } from './least-squares.js'
export { lu } from './lu.js'
export { cond, norm, type NormOptions, type NormOrder } from './norm.js'
export { matrixPower, matrixTranspose, multiDot } from './product.js'
export { qr, type QrMode } from './qr.js'
export { inv, solve } from './solve.js'
export { svd, type SvdOptions, svdvals } from './svd.js'
export {
  solveTriangular,
  type SolveTriangularOptions,
  triangularSolve,
  type TriangularSolveOptions,
} from './triangular.js'
