import type { RequestSpec } from '../../protocol/index.js'
import { ask } from '../../state/client.js'
import { useMirror } from '../../state/mirror.js'
import { perform } from '../act.js'
import { useUi } from '../uiState.js'
import { requestOf } from './requestModel.js'

/** The request that the form describes, at the present position. */
export function currentRequest(): RequestSpec | undefined {
  const { scene, flows } = useMirror.getState()
  return requestOf(useUi.getState().draft, scene, flows.findLast((flow) => flow.kind === 'request')?.id)
}

/** Sends what the form describes and follows it. */
export async function sendRequest(): Promise<void> {
  const request = currentRequest()
  if (request === undefined) return
  await perform({ type: 'request', request })
}

/** Lays all outcomes of the form's request out in the side panel. Changes nothing in the cluster. */
export async function exploreRequest(): Promise<void> {
  const request = currentRequest()
  if (request === undefined) return
  useUi.setState({ exploring: true, panel: 'explore', drawerOpen: true, narrowTab: 'details' })
  const reply = await ask({ type: 'explore', request })
  if (reply.type === 'answer' && reply.answer.type === 'explore')
    useUi.setState({ exploring: false, explored: { request, outcomes: reply.answer.outcomes } })
  else useUi.setState({ exploring: false, explored: undefined, ...(reply.type === 'refused' ? { refusal: reply.refusal } : {}) })
}
