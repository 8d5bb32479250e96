import { useEffect } from 'react'

const FOCUSABLE = 'a[href], button:not(:disabled), select, input:not([hidden]), textarea, [tabindex="0"]'

/** When what has the focus goes away, focus goes to the first control of the nearest thing around it that is still there. */
export function useFocusGuard(): void {
  useEffect(() => {
    let last: HTMLElement | undefined
    let around: readonly Element[] = []
    const note = (event: FocusEvent) => {
      if (!(event.target instanceof HTMLElement)) return
      last = event.target
      around = ancestorsOf(last)
    }
    const observer = new MutationObserver(() => {
      if (last === undefined || last.isConnected || document.activeElement !== document.body) return
      const lost = last
      last = undefined
      // The graph knows better where to go, and says so.
      if (lost.dataset['thing'] === undefined) homeIn(around)?.focus({ preventScroll: true })
    })
    document.addEventListener('focusin', note)
    observer.observe(document.body, { childList: true, subtree: true })
    return () => {
      document.removeEventListener('focusin', note)
      observer.disconnect()
    }
  }, [])
}

function ancestorsOf(element: Element): readonly Element[] {
  const found: Element[] = []
  for (let at = element.parentElement; at !== null && at !== document.body; at = at.parentElement) found.push(at)
  return found
}

function homeIn(around: readonly Element[]): HTMLElement | undefined {
  for (const element of around) {
    const home = element.isConnected ? element.querySelector<HTMLElement>(FOCUSABLE) : null
    if (home !== null) return home
  }
  return undefined
}
