import { phrase, usePhrases } from '../../i18n/index.js'
import { useMirror } from '../../state/mirror.js'
import { spanPhrase } from '../common/time.js'

/** `here, at 12.8 ms`, in the past only: an action there puts the future aside. Short where there is little room. */
export function useHere(short = false): string {
  const inPast = useMirror((mirror) => mirror.position.step < mirror.position.end)
  const at = useMirror((mirror) => mirror.position.at)
  const began = useMirror((mirror) => mirror.flows.find((flow) => flow.kind !== 'background')?.at ?? 0)
  const { say } = usePhrases()
  if (!inPast) return ''
  const time = spanPhrase(Math.max(0, at - began))
  return say(short ? phrase('shell.here.short', { time }) : phrase('shell.here', { time }))
}

export function HereNote() {
  const here = useHere()
  return here === '' ? null : <p style={{ padding: '4px 10px', fontSize: 12, color: 'var(--ink-2)' }}>{here}</p>
}
