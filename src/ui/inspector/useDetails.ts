import { useEffect, useState } from 'react'
import type { Details, ThingId } from '../../protocol/index.js'
import { ask } from '../../state/client.js'
import { useMirror } from '../../state/mirror.js'

/** Asked again after the position has rested this long, so that playing does not flood the worker. */
const REST_MS = 120

export type Asked =
  | { readonly state: 'asking' }
  | { readonly state: 'gone' }
  | { readonly state: 'here'; readonly details: Details }

/** What the simulation knows of a thing at the present position. */
export function useDetails(id: ThingId): Asked {
  const step = useMirror((mirror) => mirror.position.step)
  const end = useMirror((mirror) => mirror.position.end)
  const [answer, setAnswer] = useState<{ readonly id: ThingId; readonly asked: Asked } | undefined>()
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again wherever we stand
  useEffect(() => {
    let wanted = true
    const timer = setTimeout(() => {
      void ask({ type: 'inspect', thing: id }).then((reply) => {
        if (!wanted) return
        const asked: Asked =
          reply.type === 'answer' && reply.answer.type === 'inspect'
            ? { state: 'here', details: reply.answer.details }
            : { state: 'gone' }
        setAnswer({ id, asked })
      })
    }, REST_MS)
    return () => {
      wanted = false
      clearTimeout(timer)
    }
  }, [id, step, end])
  return answer?.id === id ? answer.asked : { state: 'asking' }
}
