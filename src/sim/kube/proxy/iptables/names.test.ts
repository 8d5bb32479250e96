import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { probabilityText, writtenProbability } from './probability.js'
import { sha256 } from './sha256.js'

describe('sha256', () => {
  it('[PX10] is the sha256 of everybody else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        expect(Buffer.from(sha256(text)).toString('hex')).toBe(createHash('sha256').update(text).digest('hex'))
      }),
    )
  })
})

describe('probabilities', () => {
  it('[PX11] are what the kernel keeps of what kube-proxy writes', () => {
    expect([2, 3, 7, 10].map(probabilityText)).toEqual(['0.50000000000', '0.33333333349', '0.14285714272', '0.10000000009'])
  })

  it('[PX12] round exact halves to even', () => {
    expect(writtenProbability(2_048)).toBe('0.0004882812')
    expect(probabilityText(4_096)).toBe('0.00024414062')
  })
})
