import type { PersistentVolumeClaim, PodTemplateSpec } from '../../../../generated/kubeTypes.js'
import type { Resources, StoredOf } from '../../api/resources.js'
import type { StoredPod } from '../framework.js'
import { controllerReference, isPodReady } from '../pods.js'

export type StoredSet = StoredOf<'statefulsets'>

/** Number of a StatefulSet's Pod; undefined for a Pod of another name. */
export function ordinalOf(setName: string, podName: string): number | undefined {
  const match = /^(.*)-([0-9]+)$/.exec(podName)
  return match !== null && match[1] === setName ? Number(match[2]) : undefined
}

export function isTerminating(pod: StoredPod): boolean {
  return pod.metadata.deletionTimestamp !== undefined
}

export function isRunningAndReady(pod: StoredPod): boolean {
  return pod.status?.phase === 'Running' && isPodReady(pod)
}

export function isHealthy(pod: StoredPod): boolean {
  return isRunningAndReady(pod) && !isTerminating(pod)
}

export function revisionOfPod(pod: StoredPod): string {
  return pod.metadata.labels?.['controller-revision-hash'] ?? ''
}

/** The Pod of one ordinal. Source: kubernetes pkg/controller/statefulset/stateful_set_utils.go newStatefulSetPod */
export function statefulPod(set: StoredSet, template: PodTemplateSpec, revision: string, ordinal: number): Resources['pods'] {
  const name = `${set.metadata.name}-${ordinal}`
  const { labels, annotations, finalizers } = template.metadata ?? {}
  const claims = set.spec?.volumeClaimTemplates ?? []
  const own = claims.map((claim) => ({
    name: claim.metadata?.name ?? '',
    persistentVolumeClaim: { claimName: claimName(claim, name), readOnly: false },
  }))
  const others = (template.spec?.volumes ?? []).filter((volume) => !own.some((each) => each.name === volume.name))
  const volumes = [...own, ...others]
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      generateName: `${set.metadata.name}-`,
      namespace: set.metadata.namespace ?? '',
      labels: {
        ...labels,
        'controller-revision-hash': revision,
        'statefulset.kubernetes.io/pod-name': name,
        'apps.kubernetes.io/pod-index': String(ordinal),
      },
      ...(annotations === undefined ? {} : { annotations }),
      ...(finalizers === undefined ? {} : { finalizers }),
      ownerReferences: [controllerReference(set)],
    },
    spec: {
      ...(template.spec ?? { containers: [] }),
      hostname: name,
      ...((set.spec?.serviceName ?? '') === '' ? {} : { subdomain: set.spec?.serviceName ?? '' }),
      ...(volumes.length === 0 ? {} : { volumes }),
    },
  }
}

function claimName(claim: PersistentVolumeClaim, podName: string): string {
  return `${claim.metadata?.name ?? ''}-${podName}`
}

/** The claims of one ordinal. Source: stateful_set_utils.go getPersistentVolumeClaims */
export function claimsOf(set: StoredSet, ordinal: number): readonly Resources['persistentvolumeclaims'][] {
  const podName = `${set.metadata.name}-${ordinal}`
  return (set.spec?.volumeClaimTemplates ?? []).map((claim) => ({
    ...claim,
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      ...claim.metadata,
      name: claimName(claim, podName),
      namespace: set.metadata.namespace ?? '',
      labels: { ...claim.metadata?.labels, ...set.spec?.selector.matchLabels },
    },
  }))
}
