import type { CheckedOptions } from './checked-options.js'

type IsAny<T> = 0 extends 1 & T ? true : false
type IsNumber<T> = IsAny<T> extends true ? false : number extends T ? ([T] extends [number] ? true : false) : false
type Index<K, A> = Extract<keyof A, K> extends `${infer N extends number}` ? N : never

type Message =
  'a number argument is traced and arrives as a Tensor: declare the parameter TensorLike, or list it in staticArgnums'
type Problem<A extends readonly unknown[], S extends readonly number[]> = {
  [K in keyof A]: IsNumber<A[K]> extends true ? (Index<K, A> extends S[number] ? object : Message) : object
}[number]

/** Options O, refused for a function with a parameter declared `number` that is not listed in S and would get a Tensor. */
export type NumbersAreStatic<A extends readonly unknown[], S extends readonly number[], O> = CheckedOptions<
  Problem<A, S>,
  O
>
