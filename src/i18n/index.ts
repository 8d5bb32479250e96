/** Words: typed sentences in three languages, a glossary of terms, and what each step says. */
export { changePhrase } from './behind.js'
export { loadCatalogue } from './catalogues.js'
export { chapterTitle } from './chapters.js'
export { FAULT_CODES, type FaultCode, faultOnPhrase, faultPhrase } from './faults.js'
export { isLanguage, LANGUAGE_NAMES, LANGUAGES, type Language, pickLanguage } from './language.js'
export type { Catalogue, MessageKey, ParamsOf, Phrase, Segment, Translate, Value } from './message.js'
export { numberText, phrase, segmentsOf, textOf } from './message.js'
export { spanPhrase } from './span.js'
export { stepPhrase } from './steps/describe.js'
export { unmodelled } from './steps/person.js'
export { askedPhrase, excludedPhrase, hostPhrase, whyPhrase } from './steps/words.js'
export { TERMS, type TermId } from './terms.js'
export { thingPhrase } from './things.js'
export {
  chooseLanguage,
  localText,
  startLanguage,
  translate,
  useLanguage,
  usePhrases,
  useSpeech,
  useTranslate,
} from './useTranslate.js'
