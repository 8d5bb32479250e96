import type { Language } from './language.js'
import type { Catalogue } from './message.js'

const loaded = new Map<Language, Catalogue>()

/** Loads a language (each is a chunk of its own) and keeps it. */
export async function loadCatalogue(language: Language): Promise<Catalogue> {
  const known = loaded.get(language)
  if (known !== undefined) return known
  const catalogue = await fetchCatalogue(language)
  loaded.set(language, catalogue)
  return catalogue
}

/** A language that was loaded before; undefined otherwise. */
export function loadedCatalogue(language: Language): Catalogue | undefined {
  return loaded.get(language)
}

async function fetchCatalogue(language: Language): Promise<Catalogue> {
  switch (language) {
    case 'en':
      return (await import('./en/index.js')).en
    case 'zh-TW':
      return (await import('./zh-TW/index.js')).zhTW
    case 'zh-CN':
      return (await import('./zh-CN/index.js')).zhCN
  }
}
