import { create } from 'zustand'
import { useUi } from '../uiState.js'

interface Cursor {
  /** Line (from 1) in which the cursor stands. */
  readonly line: number
  /** A line to show; `asked` counts, so that the same line can be asked for twice. */
  readonly reveal: { readonly line: number; readonly asked: number } | undefined
}

export const useCursor = create<Cursor>()(() => ({ line: 1, reveal: undefined }))

/** Opens the manifests and shows a line of them. */
export function revealLine(line: number): void {
  useUi.setState({ leftTab: 'manifests', narrowTab: 'manifests' })
  useCursor.setState(({ reveal }) => ({ line, reveal: { line, asked: (reveal?.asked ?? 0) + 1 } }))
}
