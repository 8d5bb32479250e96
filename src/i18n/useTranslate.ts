import { useMemo } from 'react'
import { create } from 'zustand'
import type { LocalText } from '../protocol/index.js'
import { loadCatalogue, loadedCatalogue } from './catalogues.js'
import { isLanguage, type Language, pickLanguage } from './language.js'
import {
  type Catalogue,
  type MessageKey,
  type ParamsOf,
  type Phrase,
  phrase,
  segmentsOf,
  type Translate,
  textOf,
} from './message.js'

interface Speech {
  readonly language: Language
  readonly catalogue: Catalogue | undefined
}

/** The language that the page speaks now. Its catalogue is there before the first render. */
export const useSpeech = create<Speech>()(() => ({ language: 'en', catalogue: undefined }))

const STORED = 'podpath.language'

/** Chooses and loads the language at start: the address, else the stored choice, else the browser's. */
export async function startLanguage(): Promise<void> {
  const asked = new URLSearchParams(location.search).get('lang')
  await speak(pickLanguage(asked, readStored(), navigator.languages))
}

/** Switches the page to a language; remembers it where the browser lets us. */
export async function chooseLanguage(language: Language): Promise<void> {
  try {
    localStorage.setItem(STORED, language)
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
  }
  await speak(language)
}

async function speak(language: Language): Promise<void> {
  const catalogue = await loadCatalogue(language)
  document.documentElement.lang = language
  useSpeech.setState({ language, catalogue })
}

function readStored(): Language | null {
  try {
    const stored = localStorage.getItem(STORED)
    return isLanguage(stored) ? stored : null
  } catch {
    return null
  }
}

/** A sentence in a language that has been loaded; the key itself when it has not. */
export function translate<K extends MessageKey>(language: Language, key: K, params?: ParamsOf<K>): string {
  const catalogue = loadedCatalogue(language)
  return catalogue === undefined ? key : textOf(catalogue, { key, params: params ?? {} })
}

export function useLanguage(): Language {
  return useSpeech((speech) => speech.language)
}

/** `t('key', { name })`: whole sentences in the page's language. */
export function useTranslate(): Translate {
  const catalogue = useSpeech((speech) => speech.catalogue)
  return useMemo(
    () =>
      (key, ...args) =>
        catalogue === undefined ? key : textOf(catalogue, phrase(key, ...args)),
    [catalogue],
  )
}

/** `say(phrase)` gives text, `segments(phrase)` gives pieces for marking up facts and terms. */
export function usePhrases(): {
  readonly say: (said: Phrase) => string
  readonly segments: (said: Phrase) => ReturnType<typeof segmentsOf>
} {
  const catalogue = useSpeech((speech) => speech.catalogue)
  return useMemo(
    () => ({
      say: (said: Phrase) => (catalogue === undefined ? said.key : textOf(catalogue, said)),
      segments: (said: Phrase) => (catalogue === undefined ? [] : segmentsOf(catalogue, said)),
    }),
    [catalogue],
  )
}

/** An author's text in the page's language, English where it lacks that. */
export function localText(text: LocalText, language: Language): string {
  return text[language] ?? text.en
}
