import { useSyncExternalStore } from 'react'

/** `wide`: three columns; `medium`: details in a drawer; `narrow`: one column with tabs. */
export type Width = 'wide' | 'medium' | 'narrow'

const wide = matchMedia('(min-width: 1200px)')
const medium = matchMedia('(min-width: 760px)')

export function useWidth(): Width {
  return useSyncExternalStore(subscribe, widthNow)
}

function widthNow(): Width {
  if (wide.matches) return 'wide'
  return medium.matches ? 'medium' : 'narrow'
}

function subscribe(changed: () => void): () => void {
  wide.addEventListener('change', changed)
  medium.addEventListener('change', changed)
  return () => {
    wide.removeEventListener('change', changed)
    medium.removeEventListener('change', changed)
  }
}
