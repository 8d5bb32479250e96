import { phrase } from '../../i18n/index.js'
import { askFor } from '../../state/client.js'
import { selectThing } from '../inspector/select.js'
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
  selectThing(`object/Service/${service}`, 'rules')
}

function nameOf({ kind, namespace, name }: { readonly kind: string; readonly namespace: string; readonly name: string }) {
  return { kind, namespace, name }
}
