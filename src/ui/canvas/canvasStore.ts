import { create } from 'zustand'
import type { ThingId } from '../../protocol/index.js'
import type { Badge, Light } from './lit.js'

/** What the picture's parts share among themselves; nothing here outlives the page. */
export interface CanvasState {
  /** The thing that Tab comes to. */
  readonly focus: ThingId | undefined
  readonly lights: ReadonlyMap<ThingId, Light>
  /** The scheduler's verdicts, by Node name, while it is placing a Pod. */
  readonly badges: ReadonlyMap<string, Badge>
  /** The thing that arrow keys move. */
  readonly moving: ThingId | undefined
  /** Said to screen readers, once each. */
  readonly said: string
}

export const INITIAL_CANVAS: CanvasState = {
  focus: undefined,
  lights: new Map(),
  badges: new Map(),
  moving: undefined,
  said: '',
}

export const useCanvas = create<CanvasState>()(() => INITIAL_CANVAS)
