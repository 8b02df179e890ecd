import type { Aval } from '../core/dtype.js'
import { checkShape } from '../core/shape.js'
import { barrierTypes } from './barrier.js'
import { collectiveTypes } from './collective.js'
import { contractTypes } from './contract.js'
import { controlTypes } from './control.js'
import { convTypes } from './conv.js'
import { effectTypes } from './effect.js'
import { elementwiseTypes } from './elementwise.js'
import { indexTypes } from './indexing.js'
import type { PrimitiveName, PrimitiveParams, RuleTable, TypeRule } from './primitive.js'
import { randomTypes } from './random.js'
import { reduceTypes } from './reduce.js'
import { routineTypes } from './routine.js'
import { shapeTypes } from './shape.js'
import { sortTypes } from './sort.js'
import { windowTypes } from './window.js'

/** The type rule of every primitive. */
export const typeRules: RuleTable<PrimitiveParams> = {
  ...elementwiseTypes,
  ...effectTypes,
  ...shapeTypes,
  ...reduceTypes,
  ...indexTypes,
  ...contractTypes,
  ...convTypes,
  ...windowTypes,
  ...sortTypes,
  ...randomTypes,
  ...routineTypes,
  ...barrierTypes,
  ...collectiveTypes,
  ...controlTypes,
}

/** The types of a primitive's results. Throws where the operands do not fit. */
export const inferTypes = <K extends PrimitiveName>(
  name: K,
  avals: readonly Aval[],
  params: PrimitiveParams[K],
): readonly Aval[] => {
  const results = (typeRules[name] as TypeRule<K>)(avals, params, name)
  for (const r of results) checkShape(name, r.shape)
  return results
}
