import { describe, expect, it } from 'vitest'
import { en } from './en/index.js'
import { placeholdersOf, termsOf } from './message.js'
import { TERMS } from './terms.js'
import { zhCN } from './zh-CN/index.js'
import { zhTW } from './zh-TW/index.js'

const catalogues = { en, 'zh-TW': zhTW, 'zh-CN': zhCN } as const
const keys = Object.keys(en) as (keyof typeof en)[]

describe('the three languages', () => {
  it.each(['zh-TW', 'zh-CN'] as const)('[I1] %s has the keys of English, no more and no fewer', (language) => {
    expect(Object.keys(catalogues[language]).toSorted()).toEqual(keys.toSorted())
  })

  it.each(['zh-TW', 'zh-CN'] as const)('[I2] %s has the placeholders of English in every sentence', (language) => {
    const differing = keys.filter(
      (key) =>
        [...placeholdersOf(en[key])].toSorted().join() !== [...placeholdersOf(catalogues[language][key])].toSorted().join(),
    )
    expect(differing).toEqual([])
  })

  it('[I3] every term that a sentence links to is in the glossary', () => {
    const known = new Set<string>(TERMS)
    const unknown = Object.values(catalogues).flatMap((catalogue) =>
      keys.flatMap((key) => termsOf(catalogue[key]).filter((term) => !known.has(term))),
    )
    expect(unknown).toEqual([])
  })

  it('[I4] no sentence is empty', () => {
    for (const catalogue of Object.values(catalogues)) expect(keys.filter((key) => catalogue[key].trim() === '')).toEqual([])
  })

  it('[I5] neither Chinese uses the other one’s characters or words', () => {
    const mainlandOnly = /[叶户务调载网络链连结标签执说过这们应开关闭择数据节点环]/
    const taiwanOnly = /[葉戶務調載網絡鏈連結標籤執說過這們應開關閉擇數據節點環]/
    expect(keys.map((key) => zhTW[key]).filter((text) => mainlandOnly.test(text))).toEqual([])
    expect(keys.map((key) => zhCN[key]).filter((text) => taiwanOnly.test(text))).toEqual([])
  })

  it.each([
    ['zh-TW', zhTW, /[“”]/],
    ['zh-CN', zhCN, /[「」]/],
  ] as const)(
    '[I6] %s has full-width marks of its own, and a space between Chinese and Latin',
    (_language, catalogue, otherQuotes) => {
      const faults = [
        /\p{Script=Han}[,;:?!()]|[,;:?!()]\p{Script=Han}/u,
        /\p{Script=Han}[A-Za-z0-9{]|[A-Za-z0-9}]\p{Script=Han}/u,
        /[，。；：、（）「」“”！？] | [，。；：、（）」”！？]|\p{Script=Han} \p{Script=Han}/u,
        otherQuotes,
      ]
      const shown = keys.map((key) => catalogue[key].replace(/\[([^\]]+)\]\([a-z-]+\)/g, '$1'))
      expect(shown.filter((text) => faults.some((fault) => fault.test(text)))).toEqual([])
    },
  )
})
