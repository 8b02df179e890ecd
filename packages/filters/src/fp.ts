// The one door to fp-ts. Its root and `fp-ts/X` do not load in plain Node ESM; the `imports` map of package.json picks
// single files that do. Only light modules come through here: Either alone would add 20 ms to every cold start.
export { concatAll } from '#fp/Monoid'
export { getMonoidAll, getMonoidAny, not, type Predicate } from '#fp/Predicate'
