import { describe, expect, it } from 'vitest'
import { storyPieces } from './storyTerms.js'

const words = [
  { term: 'pod', word: 'Pod' },
  { term: 'node', word: '節點' },
  { term: 'node', word: 'Node' },
  { term: 'load-balancer', word: '負載平衡器' },
] as const

const marked = (text: string, earlier: readonly string[] = []) =>
  storyPieces(text, earlier, words).map((piece) => (piece.type === 'term' ? `[${piece.text}]` : piece.text))

describe('terms of a story', () => {
  it('are marked where they are first used, in either script', () => {
    expect(marked('Two Pods, and a Pod more')).toEqual(['Two ', '[Pods]', ', and a Pod more'])
    expect(marked('負載平衡器選節點，節點選 Pod。')).toEqual(['[負載平衡器]', '選', '[節點]', '，節點選 ', '[Pod]', '。'])
  })

  it('are plain where an earlier text has used them, or the word is only a part', () => {
    expect(marked('A Pod again', ['Two Pods'])).toEqual(['A Pod again'])
    expect(marked('the podCIDR of NodePort default/Pod-1')).toEqual(['the podCIDR of NodePort default/Pod-1'])
  })
})
