import { phrase } from '../../i18n/index.js'
import { askFor } from '../../state/client.js'
import { selectThing } from '../inspector/select.js'
import { useSoughtInService } from '../inspector/soughtRule.js'
import { toast } from '../uiState.js'
import { useDraft } from './draft.js'
import { objectAt } from './place.js'
import { useCursor } from './reveal.js'

/** From the YAML line forward: shows the rules, on every Node, of the Service that the cursor's object is or feeds. */
export async function showRulesOfCursor(): Promise<void> {
  const object = objectAt(useDraft.getState().text, useCursor.getState().line)
  const answer =
    object === undefined ? undefined : await askFor({ type: 'rules-of-service', ...nameOf(object) }, 'rules-of-service')
  const service = answer?.nodes[0]?.service
  if (service === undefined) {
    toast(phrase('rules.ofLine.none'))
    return
  }
  useSoughtInService.setState({
    service,
    words: wordsOf(useDraft.getState().text.split('\n')[useCursor.getState().line - 1] ?? ''),
  })
  selectThing(`object/Service/${service}`, 'rules')
}

/** What a line's value looks like in rules of either proxy; empty where it is of no rule by itself. */
export function wordsOf(line: string): string {
  const port = /^\s*(?:- )?(?:nodePort|healthCheckNodePort):\s*["']?(\d+)\b/.exec(line)?.[1]
  if (port !== undefined) return ` ${port}`
  const target = /^\s*(?:- )?targetPort:\s*["']?(\d+)\b/.exec(line)?.[1]
  if (target !== undefined) return target
  return (
    /^\s*(?:-|clusterIP:|loadBalancerIP:)\s*["']?((?:\d+\.){3}\d+(?:\/\d+)?|[0-9a-f]*:[0-9a-f:]+(?:\/\d+)?)["']?\s*$/i.exec(
      line,
    )?.[1] ?? ''
  )
}

function nameOf({ kind, namespace, name }: { readonly kind: string; readonly namespace: string; readonly name: string }) {
  return { kind, namespace, name }
}
