/** The page's languages. Each is written by itself; none is converted from another. */
export const LANGUAGES = ['en', 'zh-TW', 'zh-CN'] as const

export type Language = (typeof LANGUAGES)[number]

/** Each language by its own name. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: 'English', 'zh-TW': '繁體中文', 'zh-CN': '简体中文' }

export function isLanguage(text: string | null | undefined): text is Language {
  return LANGUAGES.some((language) => language === text)
}

/**
 * The language to show: what the address asks for, else what was chosen before, else the first of the browser's that we have.
 *
 * @param wanted the browser's languages, best first (`navigator.languages`).
 */
export function pickLanguage(asked: string | null, stored: string | null, wanted: readonly string[]): Language {
  if (isLanguage(asked)) return asked
  if (isLanguage(stored)) return stored
  for (const tag of wanted) {
    const found = nearest(tag)
    if (found !== undefined) return found
  }
  return 'en'
}

/** Our language for a BCP 47 tag: script first, then region (`zh-Hant`, `zh-HK` are read in Taiwan's; plain `zh` in the mainland's). */
function nearest(tag: string): Language | undefined {
  const parts = tag.toLowerCase().split('-')
  if (parts[0] === 'en') return 'en'
  if (parts[0] !== 'zh') return undefined
  if (parts.includes('hant')) return 'zh-TW'
  if (parts.includes('hans')) return 'zh-CN'
  return parts.some((part) => part === 'tw' || part === 'hk' || part === 'mo') ? 'zh-TW' : 'zh-CN'
}
