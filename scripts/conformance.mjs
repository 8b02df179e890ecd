// The conformance table of the tensor package: which functions of the reference are there, and how many cases of it
// each is compared with. `node scripts/conformance.mjs` writes it into the README; a test fails where it is stale.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './workspace.mjs'

const folder = join(root, 'packages', 'tensor')

/** The reference's functions by kind, as they are called here. */
const kinds = {
  creation:
    'array asarray zeros ones full empty zerosLike onesLike fullLike emptyLike arange linspace logspace geomspace eye identity tri tril triu diag meshgrid iota oneHot',
  arithmetic:
    'add subtract multiply divide floorDivide remainder power floatPower negative abs sign square reciprocal maximum minimum fmax fmin clip where select trunc floor ceil round hypot divmod copysign',
  'functions of floats':
    'exp exp2 expm1 log log2 log10 log1p logaddexp sqrt rsqrt cbrt sin cos tan sinh cosh tanh arcsin arccos arctan arctan2 arcsinh arccosh arctanh sinc nextafter',
  'comparison, logic, bits':
    'equal notEqual less lessEqual greater greaterEqual isclose allclose isnan isinf isfinite nanToNum logicalAnd logicalOr logicalXor logicalNot bitwiseAnd bitwiseOr bitwiseXor bitwiseNot leftShift rightShift',
  'special functions':
    'special.erf special.erfinv special.erfc special.expit special.logit special.logsumexp special.xlogy special.xlog1py special.gammaln special.digamma special.polygamma special.betainc special.gammainc special.ndtri',
  reductions:
    'sum prod mean var std max min all any argmax argmin countNonzero cumsum cumprod cummax cummin cumlogsumexp logsumexp median percentile quantile average ptp cov corrcoef nansum nanmean nanmax nanmin nanvar nanstd nanprod nanmedian nanquantile',
  shape:
    'reshape ravel squeeze expandDims transpose swapaxes moveaxis broadcastTo broadcastArrays concatenate stack vstack hstack split arraySplit tile repeat flip roll rot90 pad',
  indexing:
    'slice at take takeAlongAxis dynamicSlice dynamicUpdateSlice dynamicUpdateSliceInDim nonzero argwhere diagonal trace segmentSum segmentMax segmentMin segmentProd',
  products:
    'dot matmul vdot vecdot inner outer kron tensordot einsum dotGeneral convGeneralDilated convTranspose reduceWindow',
  'order and sets':
    'sort argsort sortTogether lexsort topK unique searchsorted bincount histogram digitize isin intersect1d union1d setdiff1d partition argpartition',
  'signals and images': 'convolve correlate interp polyval image.resize',
  dtypes: 'astype view resultType promoteTypes canCast finfo iinfo',
  'for neural networks': 'relu sigmoid logSigmoid softplus softmax logSoftmax',
  random:
    'random.key random.keyData random.wrapKeyData random.split random.foldIn random.bits random.uniform random.normal random.truncatedNormal random.bernoulli random.categorical random.gumbel random.randint random.permutation random.choice random.exponential random.laplace random.orthogonal random.rademacher random.gamma random.beta random.dirichlet random.poisson random.multivariateNormal random.t',
  linalg:
    'linalg.solve linalg.inv linalg.det linalg.slogdet linalg.cholesky linalg.qr linalg.svd linalg.eigh linalg.lstsq linalg.pinv linalg.matrixPower linalg.norm linalg.triangularSolve linalg.lu linalg.matrixRank linalg.cond',
  fft: 'fft.fft fft.ifft fft.rfft fft.irfft fft.fft2 fft.ifft2 fft.rfft2 fft.irfft2 fft.fftn fft.ifftn fft.fftfreq fft.rfftfreq fft.fftshift fft.ifftshift',
}

const fixtures = join(folder, 'test', 'fixtures')
const cases = (name) => JSON.parse(readFileSync(join(fixtures, `${name}.json`), 'utf8')).cases

/** Cases per function over all fixtures. */
const counts = () => {
  const found = new Map()
  for (const file of readdirSync(fixtures).filter((name) => name.endsWith('.json'))) {
    for (const { fn } of cases(file.replace('.json', ''))) found.set(fn, (found.get(fn) ?? 0) + 1)
  }
  return found
}

/** How many cases compare a function with the reference; a namespace may be left out in fixtures. */
const casesOf = (found, name) => found.get(name) ?? found.get(name.slice(name.lastIndexOf('.') + 1)) ?? 0

/** Functions of the table that no case covers. */
export const uncovered = () => {
  const found = counts()
  return Object.values(kinds)
    .flatMap((names) => names.split(' '))
    .filter((name) => casesOf(found, name) === 0)
}

const bare = (name) => name.slice(name.lastIndexOf('.') + 1)

const table = () => {
  const found = counts()
  const rows = Object.entries(kinds).map(([kind, names]) => {
    const cells = names.split(' ').map((name) => `\`${bare(name)}\` ${casesOf(found, name)}`)
    return `| ${kind} | ${cells.join(', ')} |`
  })
  const programs = cases('control').length
  rows.push(`| control flow | \`scan map cond switchCase whileLoop foriLoop\` ${programs} programs |`)
  const total = [...found.values()].reduce((a, b) => a + b, 0)
  return [
    `Each function with the number of cases in which it is compared with JAX 0.10.2; ${total} in all, every one on every device, as a function, as a method where there is one, and compiled.`,
    '',
    '| kind | function and cases |',
    '|---|---|',
    ...rows,
  ].join('\n')
}

const [open, close] = ['<!-- conformance -->', '<!-- /conformance -->']

/** The README with the table as it should be. */
export const readmeWithTable = (text) => {
  const [from, to] = [text.indexOf(open), text.indexOf(close)]
  if (from < 0 || to < 0) throw new Error(`conformance: the README has no ${open} ... ${close}`)
  return `${text.slice(0, from + open.length)}\n${table()}\n${text.slice(to)}`
}

export const readme = join(folder, 'README.md')

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const missing = uncovered()
  if (missing.length > 0) {
    console.error(`conformance: no case covers ${missing.join(', ')}`)
    process.exitCode = 1
  }
  writeFileSync(readme, readmeWithTable(readFileSync(readme, 'utf8')))
}
