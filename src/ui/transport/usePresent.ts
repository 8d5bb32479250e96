import type { Step } from '../../protocol/index.js'
import { currentStep, useMirror } from '../../state/mirror.js'
import { type Track, trackOf } from '../../state/transport.js'
import { useView } from '../../state/view.js'

/** The followed flow's track; the same object while neither steps nor flow change. */
export function useTrack(): Track {
  const following = useView((view) => view.following)
  return useMirror((mirror) => trackOf(mirror, following))
}

/** The step at which we stand. */
export function useCurrentStep(): Step | undefined {
  return useMirror(currentStep)
}
