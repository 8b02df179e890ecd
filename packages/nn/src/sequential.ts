import { Module } from '@linum/graph'

/** A layer or a function. */
export type Applicable = ((...args: never[]) => unknown) | { forward(...args: never[]): unknown }

type Arguments<F> = F extends (...args: infer A) => unknown
  ? A
  : F extends { forward(...args: infer A): unknown }
    ? A
    : never
type Result<F> = F extends (...args: never[]) => infer R
  ? R
  : F extends { forward(...args: never[]): infer R }
    ? R
    : never

/** An array is handed on as arguments. After an unknown result (or one not yet inferred) anything goes. */
type HandedOn<R> = unknown extends R ? never[] : R extends readonly unknown[] ? R : readonly [R]

type First<L extends readonly unknown[]> = L extends readonly [infer F, ...unknown[]] ? F : L[number]
type Last<L extends readonly unknown[]> = L extends readonly [...unknown[], infer F] ? F : L[number]

type Input<L extends readonly unknown[]> = L extends readonly [] ? unknown[] : Arguments<First<L>>
type Output<L extends readonly unknown[]> = L extends readonly [] ? unknown : Result<Last<L>>

function checkLayer(layer: unknown, index: number): asserts layer is Applicable {
  if (
    typeof layer === 'function' ||
    (typeof layer === 'object' && layer !== null && 'forward' in layer && typeof layer.forward === 'function')
  )
    return
  const got = typeof layer === 'object' && layer !== null ? (layer.constructor?.name ?? 'an object') : String(layer)
  throw new TypeError(`Sequential: layer ${index} must be a function or have a method \`forward\`, got ${got}`)
}

const apply = (layer: Applicable, index: number, args: readonly unknown[]): unknown => {
  checkLayer(layer, index)
  return typeof layer === 'function' ? layer(...(args as never[])) : layer.forward(...(args as never[]))
}

/**
 * Layers and functions called one after the other. An array that one returns becomes the arguments of the next. Without
 * layers it returns its argument. A function among the layers is static, by identity. `sequential` makes one whose
 * neighbours are checked to fit.
 */
export class Sequential<L extends readonly Applicable[] = readonly Applicable[]> extends Module {
  layers: L

  constructor(...layers: L) {
    super()
    layers.forEach(checkLayer)
    this.layers = layers
  }

  forward(...args: Input<L>): Output<L> {
    let handedOn: readonly unknown[] = args
    let out: unknown = args.length > 1 ? args : args[0]
    this.layers.forEach((layer, index) => {
      out = apply(layer, index, handedOn)
      handedOn = Array.isArray(out) ? out : [out]
    })
    return out as Output<L>
  }
}

/** What can follow F: takes what F returns. */
type After<F> = ((...args: HandedOn<Result<F>>) => unknown) | { forward(...args: HandedOn<Result<F>>): unknown }

/** One signature per length, so that a mismatch is an error at the layer that does not fit. */
interface MakeSequential {
  (): Sequential<[]>
  <A extends Applicable>(a: A): Sequential<[A]>
  <A extends Applicable, B extends After<A>>(a: A, b: B): Sequential<[A, B]>
  <A extends Applicable, B extends After<A>, C extends After<B>>(a: A, b: B, c: C): Sequential<[A, B, C]>
  <A extends Applicable, B extends After<A>, C extends After<B>, D extends After<C>>(
    a: A,
    b: B,
    c: C,
    d: D,
  ): Sequential<[A, B, C, D]>
  <A extends Applicable, B extends After<A>, C extends After<B>, D extends After<C>, E extends After<D>>(
    a: A,
    b: B,
    c: C,
    d: D,
    e: E,
  ): Sequential<[A, B, C, D, E]>
  <
    A extends Applicable,
    B extends After<A>,
    C extends After<B>,
    D extends After<C>,
    E extends After<D>,
    F extends After<E>,
  >(
    a: A,
    b: B,
    c: C,
    d: D,
    e: E,
    f: F,
  ): Sequential<[A, B, C, D, E, F]>
  <
    A extends Applicable,
    B extends After<A>,
    C extends After<B>,
    D extends After<C>,
    E extends After<D>,
    F extends After<E>,
    G extends After<F>,
  >(
    a: A,
    b: B,
    c: C,
    d: D,
    e: E,
    f: F,
    g: G,
  ): Sequential<[A, B, C, D, E, F, G]>
  <
    A extends Applicable,
    B extends After<A>,
    C extends After<B>,
    D extends After<C>,
    E extends After<D>,
    F extends After<E>,
    G extends After<F>,
    H extends After<G>,
  >(
    a: A,
    b: B,
    c: C,
    d: D,
    e: E,
    f: F,
    g: G,
    h: H,
  ): Sequential<[A, B, C, D, E, F, G, H]>
}

/** A Sequential of up to eight layers, each checked to take what the one before returns; nest for more. */
export const sequential: MakeSequential = (...layers: Applicable[]) => new Sequential(...layers) as never
