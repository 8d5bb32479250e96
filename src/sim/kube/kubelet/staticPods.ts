import type { Container, Pod } from '../../../generated/kubeTypes.js'
import { hashText } from '../../core/digest.js'
import { toTimestamp } from '../../core/time.js'
import type { Ctx } from '../context.js'
import { KUBELET_VERSION } from './nodeStatus.js'
import type { PodWorker } from './part.js'
import { nodeApi } from './tell.js'

/** Processes of the control plane that run as static Pods, with the port on which each serves. Source: kubernetes cmd/kubeadm/app/phases/controlplane/manifests.go */
const COMPONENTS = [
  { name: 'etcd', image: 'registry.k8s.io/etcd:3.6.6-0', cpu: '100m', memory: '100Mi', port: 2381 },
  { name: 'kube-apiserver', image: `registry.k8s.io/kube-apiserver:${KUBELET_VERSION}`, cpu: '250m', port: 6443 },
  {
    name: 'kube-controller-manager',
    image: `registry.k8s.io/kube-controller-manager:${KUBELET_VERSION}`,
    cpu: '200m',
    port: 10257,
  },
  { name: 'kube-scheduler', image: `registry.k8s.io/kube-scheduler:${KUBELET_VERSION}`, cpu: '100m', port: 10259 },
] as const

export type StaticComponent = (typeof COMPONENTS)[number]['name']

/** Faults that take a component's manifest away. */
const TAKEN_BY: Readonly<Record<StaticComponent, string>> = {
  etcd: 'stop-etcd etcd',
  'kube-apiserver': 'stop-apiserver apiserver',
  'kube-controller-manager': 'stop-controller-manager controller-manager',
  'kube-scheduler': 'stop-scheduler scheduler',
}

/** The manifests that kubeadm puts into a control-plane Node's /etc/kubernetes/manifests, as Pods of that Node's kubelet. */
export function controlPlanePods(ctx: Ctx, node: string, address: string): readonly Pod[] {
  const { active } = ctx.world.parts.faults
  return COMPONENTS.filter(({ name }) => !active.has(TAKEN_BY[name])).map((component): Pod => {
    const hash = hashText(`${ctx.world.seed}/static/${node}/${component.name}`)
    const container: Container = {
      name: component.name,
      image: component.image,
      imagePullPolicy: 'IfNotPresent',
      command: [component.name],
      resources: { requests: { cpu: component.cpu, ...('memory' in component ? { memory: component.memory } : {}) } },
      terminationMessagePath: '/dev/termination-log',
      terminationMessagePolicy: 'File',
    }
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: `${component.name}-${node}`,
        namespace: 'kube-system',
        uid: hash,
        labels: { component: component.name, tier: 'control-plane' },
        annotations: {
          ...(component.name === 'kube-apiserver'
            ? { 'kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint': `${address}:6443` }
            : {}),
          'kubernetes.io/config.hash': hash,
          'kubernetes.io/config.seen': toTimestamp(ctx.now),
          'kubernetes.io/config.source': 'file',
        },
      },
      spec: {
        containers: [container],
        nodeName: node,
        hostNetwork: true,
        priorityClassName: 'system-node-critical',
        priority: 2_000_001_000,
        restartPolicy: 'Always',
        dnsPolicy: 'ClusterFirst',
        terminationGracePeriodSeconds: 30,
        tolerations: [{ effect: 'NoExecute', operator: 'Exists' }],
      },
    }
  })
}

/**
 * Shows a static Pod to the API server as a mirror: it can be looked at there, and deleting it changes nothing on the Node.
 *
 * Source: kubernetes pkg/kubelet/pod/mirror_client.go CreateMirrorPod
 */
export function ensureMirror(ctx: Ctx, node: string, worker: PodWorker): boolean {
  const api = nodeApi(ctx, node)
  const stored = api.get('pods', worker.key)
  if (stored.ok) return true
  if (stored.error.code !== 404) return false
  const owner = api.get('nodes', node)
  if (!owner.ok) return false
  const { uid: hash = '', ...metadata } = worker.pod.metadata ?? {}
  const made = api.create('pods', {
    ...worker.pod,
    metadata: {
      ...metadata,
      annotations: { ...metadata.annotations, 'kubernetes.io/config.mirror': hash },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: node, uid: owner.value.metadata.uid, controller: true }],
    },
  })
  return made.ok
}
