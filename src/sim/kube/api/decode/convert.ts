import type { StoredObject } from '../../etcd/store.js'
import type { ObjectDraft } from '../draft.js'
import { isRecord, listAt, recordAt } from '../draft.js'
import type { ResourceInfo } from '../kinds.js'
import { apiVersionOf } from '../kinds.js'

const METRICS = 'autoscaling.alpha.kubernetes.io/metrics'

/** An object in the version that is stored, from any version in which it may be sent. */
export function fromServedVersion(info: ResourceInfo, draft: ObjectDraft): ObjectDraft {
  const stored = apiVersionOf(info)
  if (info.resource === 'pods') return withBoth(draft, 'status', 'podIP', 'podIPs', (ip) => ({ ip }))
  if (info.resource === 'nodes') return withBoth(draft, 'spec', 'podCIDR', 'podCIDRs', (cidr) => cidr)
  if (draft.apiVersion === stored) return draft
  if (info.resource === 'horizontalpodautoscalers') return fromAutoscalingV1(draft, stored)
  if (info.resource === 'events') return fromEventsV1(draft)
  return { ...draft, apiVersion: stored }
}

/** A stored object in the version that was asked for. Source: kubernetes pkg/apis/autoscaling/v1/conversion.go, pkg/apis/core/v1 */
export function toServedVersion(info: ResourceInfo, object: StoredObject, apiVersion: string): StoredObject {
  if (object.apiVersion === apiVersion) return object
  if (info.resource === 'horizontalpodautoscalers') return toAutoscalingV1(object)
  if (info.resource === 'events') return toEventsV1(object)
  return object
}

/**
 * A field of one value and the later one of several say the same: what is missing follows from the other; where they differ the first counts.
 * Source: kubernetes pkg/apis/core/v1/conversion.go Convert_v1_PodStatus_To_core_PodStatus, Convert_v1_NodeSpec_To_core_NodeSpec
 */
function withBoth(
  draft: ObjectDraft,
  holder: string,
  one: string,
  several: string,
  itemOf: (text: string) => unknown,
): ObjectDraft {
  const section = recordAt(draft, holder)
  if (section === undefined) return draft
  const list = listAt(draft, holder, several)
  const [item] = list
  const first = isRecord(item) ? item['ip'] : item
  const text = section[one]
  if (typeof text === 'string' && text !== '')
    return text === first ? draft : { ...draft, [holder]: { ...section, [several]: [itemOf(text)] } }
  return typeof first === 'string' ? { ...draft, [holder]: { ...section, [one]: first } } : draft
}

function fromAutoscalingV1(draft: ObjectDraft, apiVersion: string): ObjectDraft {
  const { targetCPUUtilizationPercentage: percentage, ...spec } = recordAt(draft, 'spec') ?? {}
  const metrics = typeof percentage === 'number' ? [cpuMetric(percentage)] : []
  const { currentCPUUtilizationPercentage: _, ...status } = recordAt(draft, 'status') ?? {}
  return { ...draft, apiVersion, spec: { ...spec, ...(metrics.length === 0 ? {} : { metrics }) }, status }
}

function cpuMetric(percentage: number): object {
  return { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: percentage } } }
}

function toAutoscalingV1(object: StoredObject): StoredObject {
  const { metrics: _m, behavior: _b, ...spec } = recordAt(object, 'spec') ?? {}
  const { currentMetrics: _c, conditions: _d, ...status } = recordAt(object, 'status') ?? {}
  const metrics = listAt(object, 'spec', 'metrics')
  const cpu = metrics.find((each) => isCpuUtilization(each))
  const others = metrics.filter((each) => each !== cpu).map(alphaMetric)
  const percentage = recordAt(cpu, 'resource', 'target')?.['averageUtilization']
  const annotations = {
    ...object.metadata.annotations,
    ...(others.length === 0 ? {} : { [METRICS]: JSON.stringify(others) }),
  }
  return {
    ...object,
    apiVersion: 'autoscaling/v1',
    metadata: { ...object.metadata, ...(Object.keys(annotations).length === 0 ? {} : { annotations }) },
    spec: { ...spec, ...(typeof percentage === 'number' ? { targetCPUUtilizationPercentage: percentage } : {}) },
    status: { currentReplicas: 0, desiredReplicas: 0, ...status },
  }
}

function isCpuUtilization(metric: unknown): boolean {
  const resource = recordAt(metric, 'resource')
  return resource?.['name'] === 'cpu' && recordAt(resource, 'target')?.['averageUtilization'] !== undefined
}

function alphaMetric(metric: unknown): unknown {
  if (!isRecord(metric)) return metric
  const resource = recordAt(metric, 'resource')
  if (resource === undefined) return metric
  const target = recordAt(resource, 'target')
  return {
    type: metric['type'],
    resource: {
      name: resource['name'],
      ...(target?.['averageUtilization'] === undefined ? {} : { targetAverageUtilization: target['averageUtilization'] }),
      ...(target?.['averageValue'] === undefined ? {} : { targetAverageValue: target['averageValue'] }),
    },
  }
}

function fromEventsV1(draft: ObjectDraft): ObjectDraft {
  const { note, regarding, deprecatedCount, deprecatedFirstTimestamp, deprecatedLastTimestamp, deprecatedSource, ...rest } = draft
  const { reportingController, ...kept } = rest
  return {
    ...kept,
    apiVersion: 'v1',
    kind: draft.kind,
    metadata: draft.metadata,
    involvedObject: regarding ?? {},
    ...(note === undefined ? {} : { message: note }),
    source: deprecatedSource ?? {},
    firstTimestamp: deprecatedFirstTimestamp ?? null,
    lastTimestamp: deprecatedLastTimestamp ?? null,
    ...(deprecatedCount === undefined ? {} : { count: deprecatedCount }),
    reportingComponent: reportingController ?? '',
  }
}

function toEventsV1(object: StoredObject): StoredObject {
  const { message, involvedObject, count, firstTimestamp, lastTimestamp, source, reportingComponent, ...rest } = object
  return {
    ...rest,
    apiVersion: 'events.k8s.io/v1',
    kind: object.kind,
    metadata: object.metadata,
    ...(message === undefined ? {} : { note: message }),
    regarding: involvedObject,
    deprecatedSource: source,
    deprecatedFirstTimestamp: firstTimestamp,
    deprecatedLastTimestamp: lastTimestamp,
    ...(count === undefined ? {} : { deprecatedCount: count }),
    reportingController: reportingComponent,
  }
}
