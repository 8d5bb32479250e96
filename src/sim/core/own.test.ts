import { describe, expect, it } from 'vitest'
import { own } from './own.js'

describe('own', () => {
  it('[OWN1] finds what a record holds and nothing that it inherits', () => {
    const record: Readonly<Record<string, number>> = { a: 1 }
    expect(own(record, 'a')).toBe(1)
    for (const word of ['b', 'constructor', 'valueOf', 'toString', 'hasOwnProperty', '__proto__']) {
      expect(own(record, word)).toBeUndefined()
      expect(own(undefined, word)).toBeUndefined()
    }
    expect(own(Object.fromEntries([['__proto__', 2]]), '__proto__')).toBe(2)
  })
})
