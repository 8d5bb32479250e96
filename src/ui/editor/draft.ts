import { create } from 'zustand'

/** The editor's text. It outlives the editor, tab switches, crashes and reloads. */
export interface Draft {
  /** Of what cluster this is the text. */
  readonly scenario: string
  /** The manifests with which the cluster was opened (or last applied). */
  readonly base: string
  readonly text: string
  /** The text was found again after a reload. */
  readonly restored: boolean
}

export const useDraft = create<Draft>()(() => ({ scenario: '', base: '', text: '', restored: false }))

const KEY = 'podpath.draft'

interface Stored {
  readonly scenario: string
  readonly base: string
  readonly text: string
}

/** The text for a cluster that has just been opened: an unsaved one of before for the same manifests, else the manifests. */
export function openDraft(scenario: string, opened: string): void {
  const manifests = withoutOwnKinds(opened)
  const stored = readStored()
  const restored = stored !== undefined && stored.scenario === scenario && stored.base === manifests && stored.text !== manifests
  useDraft.setState({ scenario, base: manifests, text: restored ? stored.text : manifests, restored })
}

/** Documents that no API server knows: they make the cluster or tell its story, and cannot be applied to it. */
const OWN_KINDS =
  /^apiVersion:\s*["']?(kind\.x-k8s\.io|podpath\.dev|kubeproxy\.config\.k8s\.io|kubescheduler\.config\.k8s\.io)\//m

/** The documents of a scenario's file that one could apply to a cluster. */
export function withoutOwnKinds(text: string): string {
  const documents = text.split(/^---(?:[ \t].*)?\r?$/m)
  const kept = documents.filter((document) => document.trim() !== '' && !OWN_KINDS.test(document))
  return kept.length === documents.length ? text : `${kept.map((document) => document.trim()).join('\n---\n')}\n`
}

export function editDraft(text: string): void {
  useDraft.setState({ text })
  const { scenario, base } = useDraft.getState()
  writeStored(text === base ? undefined : { scenario, base, text })
}

export function discardDraft(): void {
  const { base } = useDraft.getState()
  useDraft.setState({ text: base, restored: false })
  writeStored(undefined)
}

function readStored(): Stored | undefined {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null')
    return isStored(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isStored(value: unknown): value is Stored {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['scenario', 'base', 'text'].every((name) => typeof Reflect.get(value, name) === 'string')
  )
}

function writeStored(stored: Stored | undefined): void {
  try {
    if (stored === undefined) localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, JSON.stringify(stored))
  } catch {
    // Full or forbidden: the text then lasts as long as the page.
  }
}
