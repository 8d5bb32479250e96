import { create } from 'zustand'
import type { FlowId, Level, ThingId } from '../protocol/index.js'

export type Theme = 'system' | 'light' | 'dark'

export const SPEEDS = [0.25, 0.5, 1, 2, 4] as const
export type Speed = (typeof SPEEDS)[number]

/** How the person looks at it: nothing here changes the cluster. Part of it travels in the link (`viewToLink`). */
export interface View {
  readonly level: Level
  readonly following: FlowId | 'all'
  readonly speed: Speed
  readonly playing: boolean
  readonly selected: ThingId | undefined
  /** Nodes drawn open, beside those that the packet opens. */
  readonly openNodes: readonly string[]
  /** Where things were dragged to, by id, in canvas units. */
  readonly moved: Readonly<Record<ThingId, { readonly x: number; readonly y: number }>>
  readonly theme: Theme
  readonly embed: boolean
}

export const INITIAL_VIEW: View = {
  level: 'overview',
  following: 'all',
  speed: 1,
  playing: false,
  selected: undefined,
  openNodes: [],
  moved: {},
  theme: 'system',
  embed: false,
}

export const useView = create<View>()(() => INITIAL_VIEW)
