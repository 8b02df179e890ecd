import { describe, expect, it } from 'vitest'
import {
  All,
  Any,
  Everything,
  type Filter,
  FilterError,
  isClass,
  Not,
  Nothing,
  OfType,
  PathContains,
  PathIn,
  rest,
  toPathKey,
  toPredicate,
  variableBrand,
  WithTag,
} from '@linum/filters'

class Variable {
  tag?: string
}
class Param extends Variable {}
class LoRAParam extends Param {}
class BatchStat extends Variable {}
class Leaf {
  readonly type: unknown
  readonly metadata: { readonly tag?: string }
  constructor(type: unknown, metadata: { readonly tag?: string } = {}) {
    this.type = type
    this.metadata = metadata
  }
}

const matches = (filter: Filter, value: unknown, path: readonly (string | number)[] = ['a']): boolean =>
  toPredicate(filter)(path, value)

describe('filter literals', () => {
  it('a class matches its instances and those of subclasses', () => {
    expect(matches(Param, new Param())).toBe(true)
    expect(matches(Param, new LoRAParam())).toBe(true)
    expect(matches(Param, new BatchStat())).toBe(false)
    expect(matches(LoRAParam, new Param())).toBe(false)
  })

  it('a class matches leaves whose type is the class or a subclass', () => {
    expect(matches(Param, new Leaf(Param))).toBe(true)
    expect(matches(Param, new Leaf(LoRAParam))).toBe(true)
    expect(matches(LoRAParam, new Leaf(Param))).toBe(false)
    expect(matches(Param, new Leaf('Param'))).toBe(false)
  })

  it('built-in and abstract classes are class filters', () => {
    abstract class Shape {}
    class Square extends Shape {}
    expect(matches(Float32Array, new Float32Array(2))).toBe(true)
    expect(matches(Map, [])).toBe(false)
    expect(matches(Shape, new Square())).toBe(true)
  })

  it('a string matches the tag of the leaf or of its metadata', () => {
    const tagged = new Variable()
    tagged.tag = 'dropout'
    expect(matches('dropout', tagged)).toBe(true)
    expect(matches('dropout', new Leaf(Variable, { tag: 'dropout' }))).toBe(true)
    expect(matches('params', tagged)).toBe(false)
    expect(matches('params', 3)).toBe(false)
  })

  it('rest and true match everything, null and false nothing', () => {
    for (const filter of [rest, true, Everything] as const) expect(matches(filter, 1)).toBe(true)
    for (const filter of [null, false, Nothing] as const) expect(matches(filter, 1)).toBe(false)
  })

  it('a function is called with the path and the value', () => {
    expect(matches((path, value) => path[0] === 'a' && value === 1, 1)).toBe(true)
    expect(
      matches(
        function named(path) {
          return path.length === 2
        },
        1,
        ['a', 'b'],
      ),
    ).toBe(true)
  })

  it('an array matches what any of its filters matches', () => {
    expect(matches([BatchStat, LoRAParam], new BatchStat())).toBe(true)
    expect(matches([BatchStat, [LoRAParam]], new LoRAParam())).toBe(true)
    expect(matches([], new Param())).toBe(false)
  })

  it('anything else throws FilterError and says what it got', () => {
    expect(() => toPredicate(3 as never)).toThrow(
      new FilterError(
        'Invalid collection filter: 3; expected a class, a tag, a predicate, a boolean, null, `rest` or an array of these',
      ),
    )
    expect(() => toPredicate({} as never)).toThrow(/Invalid collection filter: Object/)
    expect(() => OfType((() => 1) as never)).toThrow(/OfType: expected a class/)
  })

  it('rest is one symbol for all copies of the library', () => {
    expect(rest).toBe(Symbol.for('linum.rest'))
  })
})

describe('isClass', () => {
  it('holds for classes and not for arrows, methods, functions, generators and bound functions', () => {
    const methods = { method() {} }
    expect([class {}, Param, Map, Error].map(isClass)).toEqual([true, true, true, true])
    expect(
      [() => 1, methods.method, function f() {}, async () => 1, function* g() {}, Param.bind(null), 3, null].map(
        isClass,
      ),
    ).toEqual(Array(8).fill(false))
  })

  it('holds for a function whose prototype carries the Variable brand', () => {
    function Old() {}
    Object.defineProperty(Old.prototype, variableBrand, { value: true })
    expect(isClass(Old)).toBe(true)
  })

  it('finds classes that have static members', () => {
    class WithStatics {
      static prototypeName = 'x'
      static f(): number {
        return 1
      }
    }
    expect(isClass(WithStatics)).toBe(true)
  })
})

describe('combinators', () => {
  it('PathContains looks for one key, exactly or as a substring', () => {
    expect(matches(PathContains('kernel'), 0, ['a', 'kernel'])).toBe(true)
    expect(matches(PathContains('ker'), 0, ['a', 'kernel'])).toBe(false)
    expect(matches(PathContains('ker', { exact: false }), 0, ['a', 'kernel'])).toBe(true)
    expect(matches(PathContains(1, { exact: false }), 0, ['layers', 12])).toBe(true)
  })

  it('PathContains takes an index as a number or as its digits', () => {
    expect(matches(PathContains(3), 0, ['layers', 3])).toBe(true)
    expect(matches(PathContains('3'), 0, ['layers', 3])).toBe(true)
    expect(matches(PathContains('03'), 0, ['layers', 3])).toBe(false)
  })

  it('PathIn matches whole paths, and a slash in a key is not a level', () => {
    const f = PathIn(['a', 'b'], ['l', 0])
    expect(f(['a', 'b'], 0)).toBe(true)
    expect(f(['l', 0], 0)).toBe(true)
    expect(f(['a/b'], 0)).toBe(false)
    expect(f(['a'], 0)).toBe(false)
  })

  it('say what they are', () => {
    expect(String(All(Param, Not(OfType(LoRAParam)), Any('dropout')))).toBe(
      "All(OfType(Param), Not(OfType(LoRAParam)), Any(WithTag('dropout')))",
    )
    expect(String(PathContains('k', { exact: false }))).toBe("PathContains('k', { exact: false })")
    expect(WithTag('x').name).toBe("WithTag('x')")
  })
})

describe('path keys', () => {
  it('are numbers for canonical array indices only', () => {
    expect(['0', '10', '4294967294', 7].map(toPathKey)).toEqual([0, 10, 4294967294, 7])
    expect(['01', '-1', '1e3', '', '4294967295', 'a', '1.5'].map(toPathKey)).toEqual([
      '01',
      '-1',
      '1e3',
      '',
      '4294967295',
      'a',
      '1.5',
    ])
    expect([-1, 1.5, -0].map(toPathKey)).toEqual(['-1', '1.5', '0'])
  })
})
