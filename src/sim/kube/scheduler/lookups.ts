import type { LabelSelector, Pod } from '../../../generated/kubeTypes.js'
import type { ObjectKey, ResourceName, StoredOf } from '../api/resources.js'
import type { Lookups } from './plugin.js'
import { matchesSelector } from './selectors.js'

/** Where objects are read from: a component's cache, or the store itself. */
export interface Reader {
  get<R extends ResourceName>(resource: R, key: ObjectKey): StoredOf<R> | undefined
  list<R extends ResourceName>(resource: R, namespace?: string): readonly StoredOf<R>[]
}

/** What plugins may ask, answered from these objects. */
export function lookupsFrom(reader: Reader): Lookups {
  return {
    namespaceLabels: (namespace) => reader.get('namespaces', namespace)?.metadata.labels,
    namespaces: () => reader.list('namespaces').map((each) => each.metadata.name),
    defaultSelectors: (pod) => defaultSelectors(reader, pod),
    claim: (key) => reader.get('persistentvolumeclaims', key),
    volume: (name) => reader.get('persistentvolumes', name),
    volumes: () => reader.list('persistentvolumes'),
    storageClass: (name) => (name === '' ? undefined : reader.get('storageclasses', name)),
    budgets: (namespace) => reader.list('poddisruptionbudgets', namespace),
  }
}

/** Source: kubernetes pkg/scheduler/framework/plugins/helper/spread.go DefaultSelector */
function defaultSelectors(reader: Reader, pod: Pod): readonly LabelSelector[] | undefined {
  const namespace = pod.metadata?.namespace ?? 'default'
  const labels = pod.metadata?.labels ?? {}
  const selectors: LabelSelector[] = []
  for (const service of reader.list('services', namespace)) {
    const matchLabels = service.spec?.selector
    if (matchLabels === undefined || Object.keys(matchLabels).length === 0) continue
    if (matchesSelector({ matchLabels }, labels)) selectors.push({ matchLabels })
  }
  const owner = pod.metadata?.ownerReferences?.find((each) => each.controller === true)
  if (owner !== undefined) {
    const selector = ownerSelector(reader, owner.kind, `${namespace}/${owner.name}`)
    if (selector !== undefined) selectors.push(selector)
  }
  return selectors.length === 0 ? undefined : selectors
}

function ownerSelector(reader: Reader, kind: string, key: ObjectKey): LabelSelector | undefined {
  switch (kind) {
    case 'ReplicaSet':
      return reader.get('replicasets', key)?.spec?.selector
    case 'StatefulSet':
      return reader.get('statefulsets', key)?.spec?.selector
    case 'ReplicationController': {
      const matchLabels = reader.get('replicationcontrollers', key)?.spec?.selector
      return matchLabels === undefined ? undefined : { matchLabels }
    }
    default:
      return undefined
  }
}
