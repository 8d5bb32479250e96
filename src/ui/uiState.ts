import { create } from 'zustand'
import type { Phrase } from '../i18n/index.js'
import type { ExploredOutcome, Refusal, RequestSpec, ThingId } from '../protocol/index.js'
import { useView } from '../state/view.js'

export type LeftTab = 'story' | 'manifests' | 'outline'
/** On narrow pages only one of these shows beside the graph. */
export type NarrowTab = 'steps' | LeftTab | 'details'
/** What the side panel shows: the current step, a thing, or the tree of possible outcomes. */
export type SidePanel = 'step' | 'thing' | 'explore'

export interface Toast {
  readonly id: number
  readonly text: Phrase
  readonly canUndo: boolean
  readonly tone: 'note' | 'problem'
}

export interface RequestDraft {
  readonly from: string
  readonly to: string
  /** Text of the field for `IP:port` or URL; used when `to` is `custom`. */
  readonly custom: string
  readonly proto: RequestSpec['proto']
  readonly sameConnection: boolean
  readonly count: 1 | 1000
}

/** What only the panels need to know; never part of the cluster. Of it only a person's work travels in a link (`workToLink`). */
export interface UiState {
  readonly leftTab: LeftTab
  readonly narrowTab: NarrowTab
  readonly panel: SidePanel
  readonly drawerOpen: boolean
  readonly galleryOpen: boolean
  /** The step for which the rules that did not match are shown. */
  readonly why: boolean
  readonly toasts: readonly Toast[]
  readonly draft: RequestDraft
  readonly explored: { readonly request: RequestSpec; readonly outcomes: readonly ExploredOutcome[] } | undefined
  readonly exploring: boolean
  readonly refusal: Refusal | undefined
  /** Tab of the inspector for the selected thing. */
  readonly thingTab: string
  readonly storyStep: number
  readonly predictions: Readonly<Record<number, string>>
  /** A name or student number for handing in; empty unless somebody writes one. */
  readonly handedInBy: string
  readonly selectedBefore: ThingId | undefined
  /** Names of the files that the cluster was opened from; empty where it was not, or is not known any more. */
  readonly fileNames: string
}

export const useUi = create<UiState>()(() => ({
  leftTab: 'story',
  narrowTab: 'steps',
  panel: 'step',
  drawerOpen: false,
  galleryOpen: false,
  why: false,
  toasts: [],
  draft: { from: 'client', to: '', custom: '', proto: 'tcp', sameConnection: false, count: 1 },
  explored: undefined,
  exploring: false,
  refusal: undefined,
  thingTab: 'overview',
  storyStep: 0,
  predictions: {},
  handedInBy: '',
  selectedBefore: undefined,
  fileNames: '',
}))

/** Selects a thing and shows it, also when it has been selected before and something else is shown. */
export function showThing(id: ThingId): void {
  useView.setState({ selected: id })
  useUi.setState({ panel: 'thing', drawerOpen: true, narrowTab: 'details' })
}

let nextToast = 1

/** Tells something for a while, without taking the focus. */
export function toast(text: Phrase, options: { readonly canUndo?: boolean; readonly tone?: Toast['tone'] } = {}): void {
  const id = nextToast++
  const shown: Toast = { id, text, canUndo: options.canUndo ?? false, tone: options.tone ?? 'note' }
  const isSame = (old: Toast) => JSON.stringify(old.text) === JSON.stringify(text)
  useUi.setState((ui) => ({ toasts: [...ui.toasts.filter((old) => !isSame(old)).slice(-2), shown] }))
}

export function dismissToast(id: number): void {
  useUi.setState((ui) => ({ toasts: ui.toasts.filter((shown) => shown.id !== id) }))
}
