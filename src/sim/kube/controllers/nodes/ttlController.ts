import { keyOf } from '../../api/resources.js'
import type { Controller } from '../framework.js'
import { isChangeOf, retry, SETTLED } from '../framework.js'

const ANNOTATION = 'node.alpha.kubernetes.io/ttl'

/** Clusters up to this many Nodes, and how long kubelets may then keep Secrets, in seconds. Source: kubernetes pkg/controller/ttl/ttl_controller.go */
const STEPS: readonly { readonly nodes: number; readonly seconds: number }[] = [
  { nodes: 100, seconds: 0 },
  { nodes: 500, seconds: 15 },
  { nodes: 1000, seconds: 30 },
  { nodes: 2000, seconds: 60 },
]

/** Tells kubelets, by an annotation on their Node, how long to keep what they have read. */
export const ttlController: Controller = {
  name: 'ttl-controller',
  watches: ['nodes'],
  changed(run, change) {
    if (isChangeOf(change, 'nodes') && change.type !== 'DELETED') run.add(change.key)
  },
  sync(run, key) {
    const node = run.cache.get('nodes', key)
    if (node === undefined) return SETTLED
    const count = run.cache.count('nodes')
    const wanted = String(STEPS.find((each) => count <= each.nodes)?.seconds ?? 300)
    if (node.metadata.annotations?.[ANNOTATION] === wanted) return SETTLED
    const patched = run.api.patch('nodes', keyOf(node), 'strategic', { metadata: { annotations: { [ANNOTATION]: wanted } } })
    return patched.ok || patched.error.code === 404 ? SETTLED : retry(patched.error)
  },
}
