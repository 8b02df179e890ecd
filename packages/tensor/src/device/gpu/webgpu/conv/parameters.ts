import type { ConvAxis, ConvGeometry } from './geometry.js'

/** Runtime parameters by name: convolutions of one rank share their shaders' text whatever their sizes. */
export interface Parameters {
  readonly values: readonly number[]
  /** Statements that name them. */
  readonly text: string
}

export const parameters = (named: Readonly<Record<string, number>>): Parameters => ({
  values: Object.values(named),
  text: Object.keys(named)
    .map((name, k) => `let ${name} = p${k};`)
    .join('\n'),
})

const axisParameters = (axis: ConvAxis, a: number): [string, number][] =>
  [
    ['input', axis.input],
    ['window', axis.window],
    ['extent', axis.out],
    ['stride', axis.stride],
    ['low', axis.low],
    ['dilation', axis.dilation],
    ['gap', axis.gap],
    ['phases', axis.phases],
    ['place_step', axis.placeStep],
    ['position_step', axis.positionStep],
    ['place_move', (axis.placeStep * axis.stride) / axis.gap],
    ['position_move', (axis.positionStep * axis.dilation) / axis.gap],
    ['x_step', axis.x],
    ['kernel_step', axis.kernel * axis.positionStep],
    ['kernel_first', axis.kernel],
  ].map(([name, value]) => [`${name}${a}`, value as number])

/** What every shader of a convolution asks for. */
export const geometryParameters = ({ plan, axes }: ConvGeometry): Readonly<Record<string, number>> => ({
  batch: plan.batch,
  parts: plan.groups,
  features: plan.features,
  n: plan.n,
  x_batch: plan.x.batch,
  x_feature: plan.x.feature,
  x_part: plan.x.group,
  kernel_feature: plan.kernel.feature,
  kernel_n: plan.kernel.n,
  kernel_part: plan.kernel.group,
  ...Object.fromEntries(axes.flatMap(axisParameters)),
})

/** The first of `steps` positions of a window that meets an element, if position 0 is `at` from one; `steps` if none does. */
export const firstPosition = `fn first_position(at: i32, dilation: i32, gap: i32, steps: i32) -> i32 {
  var first = 0;
  while (first < steps && (at + first * dilation) % gap != 0) { first++; }
  return first;
}`

/**
 * Statements for one rest of axis a, `rest{a}`: the window's positions that meet elements (`count{a}` of them from
 * `first{a}` on), and `base{a}`, where the first of them lies at the first place.
 */
export const phaseText = (a: number): string => `let at${a} = rest${a} * stride${a} - low${a};
let first${a} = first_position(at${a}, dilation${a}, gap${a}, position_step${a});
let count${a} = select(0, (window${a} - first${a} + position_step${a} - 1) / position_step${a}, first${a} < position_step${a});
let base${a} = (at${a} + first${a} * dilation${a}) / gap${a};`

/** Joins what `text` gives for every axis. */
export const each = (axes: readonly unknown[], separator: string, text: (a: number) => string): string =>
  axes.map((_, a) => text(a)).join(separator)
