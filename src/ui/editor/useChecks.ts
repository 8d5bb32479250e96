import { useEffect } from 'react'
import { create } from 'zustand'
import type { Diagnostic } from '../../protocol/index.js'
import { askFor } from '../../state/client.js'
import { useDraft } from './draft.js'

interface Checks {
  /** What the API server would say, and what it did say at the last Apply. */
  readonly diagnostics: readonly Diagnostic[]
  readonly report: { readonly exit: number; readonly text: string } | undefined
  readonly applying: boolean
}

export const useCheckState = create<Checks>()(() => ({ diagnostics: [], report: undefined, applying: false }))

/** Asked after the typing has rested this long. */
const REST_MS = 500

/** Larger texts are checked only when they are applied. */
const CHECKED_CHARS = 400_000

/** Keeps asking the simulation what it would say to the text as it stands. */
export function useChecks(): void {
  const text = useDraft((draft) => draft.text)
  useEffect(() => {
    if (text.length > CHECKED_CHARS) return
    let wanted = true
    const timer = setTimeout(() => {
      void askFor({ type: 'check-manifest', text }, 'check-manifest').then((answer) => {
        if (wanted && answer !== undefined) useCheckState.setState({ diagnostics: answer.diagnostics })
      })
    }, REST_MS)
    return () => {
      wanted = false
      clearTimeout(timer)
    }
  }, [text])
}
