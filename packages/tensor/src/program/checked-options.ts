// A mapped type keeps a primitive as it is and is an object otherwise; for the checker also where T is a type that
// depends on the type parameters of a generic function, which a conditional type alone would leave undecided.
type Boxed<T> = { readonly [K in keyof T]: 1 }

/**
 * What follows the function in a call of a transform, as a rest parameter: its options, or where the `Problem` is a text,
 * something that no call satisfies and that shows the text, with `Detail` beside it. No problem is `object`. The
 * function's own parameter stays a plain function type, so that generic functions keep their type parameters.
 */
export type CheckedOptions<Problem, Options, Detail = unknown> =
  Boxed<Problem> extends object | undefined
    ? [options?: Options]
    : [options: Options & { readonly error: Extract<Problem, string> } & Detail]
