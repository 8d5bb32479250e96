import type { KubeletConfig } from './fakeKubelet.js'

export type Json = Readonly<Record<string, unknown>>

/** One action of a story, as recorded. */
export interface StoryAction {
  readonly kubectl?: string
  readonly sleep?: number
  readonly settle?: number
  readonly max?: number
  readonly checkpoint?: string
  readonly waitFor?: {
    readonly kind: string
    readonly name: string
    readonly path?: string
    readonly equals?: unknown
    readonly gone?: boolean
  }
  readonly timeout?: number
  readonly node?: string
  readonly name?: string
  readonly pod?: { readonly name: string; readonly set: string; readonly reason?: string; readonly message?: string }
  readonly evict?: string
  readonly api?: { readonly method: string; readonly path: string; readonly body?: unknown; readonly ctype?: string }
  readonly metric?: string
  readonly alignSecond?: number
  readonly rules?: KubeletConfig['rules']
  readonly watchObjects?: readonly string[]
}

export interface StoryActions {
  readonly id: string
  readonly lane?: string
  readonly kubelet?: KubeletConfig
  readonly actions: readonly StoryAction[]
}

export interface Ordered<T> {
  readonly order: 'exact' | 'any' | 'subsequence'
  readonly numbers?: string
  readonly list: readonly T[]
}

export interface EventLine {
  readonly type: string
  readonly reason: string
  readonly message: string
  readonly count?: number
  readonly source: string
}

export interface StoryExpectation {
  readonly checkpoints?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly events?: Readonly<Record<string, Ordered<EventLine>>>
  readonly sizes?: Ordered<string>
  readonly podSequence?: Ordered<string>
  readonly deletionOrder?: Ordered<string>
  readonly transitions?: Readonly<Record<string, Ordered<Json | 'deleted'>>>
}
