import type { LocalText } from '../../protocol/index.js'

export const SCENARIO_INDEX: readonly { readonly id: string; readonly title: LocalText; readonly summary: LocalText }[] = []
