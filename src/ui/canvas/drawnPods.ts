import type { ScenePod, ThingId } from '../../protocol/index.js'
import { thing } from './things.js'

/**
 * The component that a Pod is, where the picture draws it by that name: the control plane's static Pods, and kube-proxy's.
 * Such a Pod has no card of its own; the outline lists it.
 */
export function componentOf(pod: ScenePod): ThingId | undefined {
  if (pod.isStatic) return staticComponent(pod.name)
  const isProxy = pod.namespace === 'kube-system' && pod.hostNetwork && pod.owner === 'DaemonSet/kube-proxy'
  return isProxy ? thing.kubeProxy(pod.node) : undefined
}

/** Whether a Pod has a place of its own on its Node. */
export function hasPlace(pod: ScenePod): boolean {
  return pod.node !== '' && !pod.isStatic && componentOf(pod) === undefined
}

/** As kubeadm names the control plane's static Pods. */
function staticComponent(name: string): ThingId | undefined {
  if (name.startsWith('kube-apiserver')) return thing.apiServer
  if (name.startsWith('etcd')) return thing.etcd
  if (name.startsWith('kube-scheduler')) return thing.scheduler
  if (name.startsWith('kube-controller-manager')) return thing.controllerManager
  if (name.startsWith('cloud-controller-manager')) return thing.cloudControllerManager
  return undefined
}
