import { Tied } from '../primitives/custom.js'
import type { PrimitiveName, PrimitiveParams } from '../primitives/primitive.js'
import type { Program } from './program.js'

/** Primitives that run one program once, on their operands, and have it as a parameter. */
export type Call = 'jit' | 'checkpoint' | 'custom_jvp' | 'custom_vjp'

const calls: ReadonlySet<PrimitiveName> = new Set<PrimitiveName>(['jit', 'checkpoint', 'custom_jvp', 'custom_vjp'])

export const isCall = (name: PrimitiveName): name is Call => calls.has(name)

/** The program that a primitive with these parameters runs, or null for one that is no call. */
export const calledProgram = (name: PrimitiveName, params: PrimitiveParams[PrimitiveName]): Program | null =>
  isCall(name) ? (params as PrimitiveParams[Call]).program : null

/** Primitives that carry programs: what is known of them is known of the programs. */
export type Carrying = Call | 'scan' | 'cond' | 'while'

const carrying: ReadonlySet<PrimitiveName> = new Set<PrimitiveName>([...calls, 'scan', 'cond', 'while'])

export const carriesProgram = (name: PrimitiveName): name is Carrying => carrying.has(name)

export const isProgram = (x: unknown): x is Program => typeof x === 'object' && x !== null && 'equations' in x

const programsIn = (value: unknown): readonly Program[] =>
  isProgram(value) ? [value] : Array.isArray(value) ? value.flatMap(programsIn) : []

/** The programs that an equation with these parameters may run. */
export const nestedPrograms = (params: unknown): readonly Program[] =>
  typeof params === 'object' && params !== null ? Object.values(params).flatMap(programsIn) : []

/** The programs of its derivative rule, unless that is being made. They may contain the equation itself. */
export const rulePrograms = (params: unknown): readonly Program[] =>
  typeof params === 'object' && params !== null && 'rule' in params && params.rule instanceof Tied
    ? Object.values((params.rule.made as object | null) ?? {}).flatMap(programsIn)
    : []
