// The one door to fp-ts. Its root and `fp-ts/X` do not load in plain Node ESM; the `imports` map of package.json picks
// single files that do. Nothing of it may appear in a public signature.
export { concatAll, type Monoid } from '#fp/Monoid'
