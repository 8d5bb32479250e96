import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { readDocuments } from '../../scenario/index.js'
import { SECOND } from '../../sim/index.js'
import { humanDuration } from './duration.js'
import { goYamlError } from './goYamlError.js'
import { addQuantity, quantityText, readQuantity } from './quantity.js'
import { alignTabs, DESCRIBE_STYLE, GET_STYLE } from './tabwriter.js'
import { goYaml } from './yaml.js'

describe('tables', () => {
  it('[KT1] a column is a run of neighbouring lines', () => {
    expect(alignTabs('Name:\tweb\nLabels:\tapp=web\n\ttier=x\nPods:\n  A\tB\tC\n  long\tb\tc\n', DESCRIBE_STYLE)).toBe(
      'Name:    web\nLabels:  app=web\n         tier=x\nPods:\n  A     B  C\n  long  b  c\n',
    )
  })

  it('[KT2] get’s columns are six wide at least', () => {
    expect(alignTabs('a\tb\tc\nx\ty\tz', GET_STYLE)).toBe('a     b     c\nx     y     z')
  })
})

describe('ages', () => {
  it.each([
    [0, '0s'],
    [119, '119s'],
    [120, '2m'],
    [125, '2m5s'],
    [600, '10m'],
    [10_799, '179m'],
    [10_800, '3h'],
    [11_100, '3h5m'],
    [28_800, '8h'],
    [172_800, '2d'],
    [180_000, '2d2h'],
    [691_200, '8d'],
  ])('[KT3] %i s is %s', (seconds, text) => {
    expect(humanDuration(seconds * SECOND)).toBe(text)
  })
})

describe('YAML', () => {
  it('[KT4] is written as Go’s writer does', () => {
    const value = {
      z: [{ b: 1, a: 'x' }, ['n']],
      empty: {},
      none: [],
      text: 'two\nlines\n',
      quoted: [
        'true',
        '80',
        '1.5',
        '0x10',
        'yes',
        '',
        'a: b',
        '- x',
        '2025-01-01',
        '12:30',
        '#c',
        "it's",
        '*',
        'é',
        '1e3',
        '10.0.0.1',
      ],
    }
    expect(goYaml(value)).toBe(
      `empty: {}
none: []
quoted:
- "true"
- "80"
- "1.5"
- "0x10"
- "yes"
- ""
- 'a: b'
- '- x'
- "2025-01-01"
- "12:30"
- '#c'
- it's
- '*'
- é
- "1e3"
- 10.0.0.1
text: |
  two
  lines
z:
- a: x
  b: 1
- - "n"
`.replace('"n"', '"n"'),
    )
    expect(parse(goYaml(value), { version: '1.1' })).toEqual(value)
  })
})

describe('quantities', () => {
  it('[KT5] add up in the first one’s suffix', () => {
    const sum = (a: string, b: string) => quantityText(addQuantity(readQuantity(a), readQuantity(b)))
    expect(sum('100m', '900m')).toBe('1')
    expect(sum('128Mi', '128Mi')).toBe('256Mi')
    expect(sum('1', '500m')).toBe('1500m')
    expect(sum('0', '70Mi')).toBe('70Mi')
  })
})

describe('the words of Go for broken YAML', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['a: 1\nm: {n: x\ns:\n', "yaml: line 2: did not find expected ',' or '}'"],
    ['a: [1, 2\nb: 3\n', "yaml: line 1: did not find expected ',' or ']'"],
    ['a: "abc\nb: c\n', 'yaml: line 3: found unexpected end of stream'],
    ['{spec:', 'yaml: line 1: did not find expected node content'],
    ['a: b\n c: d\n', 'yaml: line 2: mapping values are not allowed in this context'],
    ['a:\n- b\n c: d\n', 'yaml: line 3: mapping values are not allowed in this context'],
    ['a: b: c\n', 'yaml: mapping values are not allowed in this context'],
    ['a:\n  b: c\n d: e\n', 'yaml: line 2: did not find expected key'],
    ['- a\nb: c\n', "yaml: line 1: did not find expected '-' indicator"],
    ['a: b\nc\nd: e\n', "yaml: line 3: could not find expected ':'"],
    ['a:\n\tb: c\n', 'yaml: line 2: found character that cannot start any token'],
    ['a: @b\n', 'yaml: found character that cannot start any token'],
    ['a: ]\n', 'yaml: did not find expected node content'],
    ['a: {"b" "c"}\n', "yaml: did not find expected ',' or '}'"],
    ['a: *x\n', "yaml: unknown anchor 'x' referenced"],
    [bomb(), 'yaml: document contains excessive aliasing'],
  ]
  it.each(cases)('%j', (text, wanted) => {
    const read = readDocuments([{ name: 'f', text }])
    expect(read.ok ? 'readable' : goYamlError(text, read.error[0] ?? fail())).toBe(wanted)
  })
})

/** Nine levels of which each holds the one before nine times. */
function bomb(): string {
  const levels = [...'abcdefghi'].map((name, level) => {
    const items = Array.from({ length: 9 }, () => (level === 0 ? 'x' : `*${String.fromCharCode(96 + level)}`))
    return `${name}: &${name} [${items.join(', ')}]`
  })
  return levels.join('\n')
}

function fail(): never {
  throw new Error('an unreadable text has an error')
}
