import { askFor } from '../../state/client.js'
import { useMirror } from '../../state/mirror.js'

/** The documented debugging aid, always there as `window.podpath`. */
export interface DebuggingAid {
  /** Resolves when the first cluster is open. */
  readonly ready: Promise<void>
  /** The finest step at which we stand and its virtual time in milliseconds. */
  readonly position: () => { readonly step: number; readonly at: number }
  /** One hash of the whole world, equal to the command line's. */
  readonly digest: () => Promise<string>
}

declare global {
  interface Window {
    podpath: DebuggingAid
  }
}

export function exposeAid(ready: Promise<void>): void {
  window.podpath = {
    ready,
    position: () => {
      const { step, at } = useMirror.getState().position
      return { step, at: at / 1_000 }
    },
    digest: async () => (await askFor({ type: 'digest' }, 'digest'))?.digest ?? '',
  }
}
