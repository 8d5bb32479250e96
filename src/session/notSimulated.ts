import type { ObjectRef } from '../sim/index.js'
import { listStoredOf, NOT_SIMULATED, readProxyConfiguration } from '../sim/index.js'
import type { Session } from './session.js'
import type { SessionWorld } from './world.js'

/** What of an object is accepted and kept, but not acted upon: named so that nobody takes its silence for Kubernetes'. */
export function notSimulatedOf(_world: SessionWorld, { kind, namespace, name }: ObjectRef): readonly string[] {
  return NOT_SIMULATED[kind] !== undefined ? [namespace === '' ? `${kind} ${name}` : `${kind} ${namespace}/${name}`] : []
}

/** Every object of the cluster whose kind nobody acts upon (system objects are left out), and such fields of kube-proxy's configuration. */
export function notSimulatedIn(session: Session): readonly string[] {
  const { etcd, cluster } = session.history.world.parts
  const proxy = cluster.config.kubeProxy === undefined ? [] : readProxyConfiguration(cluster.config.kubeProxy).notSimulated
  const fields = proxy.map((field) => `KubeProxyConfiguration ${field}`)
  const { mode } = session.history.world.parts.proxy.configuration
  // The rules of iptables stand in for what such a kube-proxy would write.
  if (mode === 'ipvs' || mode === 'userspace') fields.unshift(`kube-proxy mode ${mode}: iptables rules stand in`)
  return [...fields, ...notSimulatedObjects(session, etcd)]
}

function notSimulatedObjects(session: Session, etcd: SessionWorld['parts']['etcd']): readonly string[] {
  return SHOWN.flatMap((resource) =>
    listStoredOf(etcd, resource)
      .filter((object) => object.metadata.namespace !== 'kube-system')
      .flatMap(({ kind, apiVersion, metadata: { namespace = '', name } }) =>
        notSimulatedOf(session.history.world, { kind, apiVersion, namespace, name }),
      ),
  )
}

/** Kinds that people write in manifests and expect something of. */
const SHOWN = [
  'cronjobs',
  'daemonsets',
  'horizontalpodautoscalers',
  'ingresses',
  'jobs',
  'networkpolicies',
  'persistentvolumeclaims',
  'persistentvolumes',
  'poddisruptionbudgets',
  'statefulsets',
  'storageclasses',
] as const
