import type { KubeObject } from '../sim/index.js'
import { goJson } from './text/json.js'

export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

/** The manifest with itself as annotation, so that the next apply can tell what was taken out. Source: kubernetes kubectl pkg/util/apply.go */
export function withLastApplied<T extends KubeObject>(object: T): T {
  const { [LAST_APPLIED]: _before, ...annotations } = object.metadata.annotations ?? {}
  const bare = { ...object, metadata: { ...object.metadata, annotations } }
  const text = `${goJson(bare)}\n`
  return { ...object, metadata: { ...object.metadata, annotations: { ...annotations, [LAST_APPLIED]: text } } }
}
