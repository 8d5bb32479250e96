import type { StoredOf } from '../sim/index.js'
import { summarizePod, thing } from '../sim/index.js'
import { remember } from './remember.js'
import type { SceneContainer, ScenePod } from './scene.js'
import type { SessionWorld } from './world.js'

export function podEntry(world: SessionWorld, pod: StoredOf<'pods'>): ScenePod {
  const { namespace = '', name } = pod.metadata
  const device = world.parts.net.interfaces.get(thing.pod(namespace, name))?.get('eth0')?.peer?.device ?? ''
  return remember(pod, [device], () => {
    const owner = pod.metadata.ownerReferences?.find((reference) => reference.controller === true)
    return {
      id: thing.pod(namespace, name),
      namespace,
      name,
      node: pod.spec?.nodeName ?? '',
      ip: pod.status?.podIP ?? '',
      phase: pod.status?.phase ?? 'Pending',
      status: summarizePod(pod).status,
      ready: pod.status?.conditions?.some((each) => each.type === 'Ready' && each.status === 'True') ?? false,
      terminating: pod.metadata.deletionTimestamp !== undefined,
      hostNetwork: pod.spec?.hostNetwork ?? false,
      isStatic: pod.metadata.annotations?.['kubernetes.io/config.source'] === 'file',
      owner: owner === undefined ? '' : `${owner.kind}/${owner.name}`,
      labels: pod.metadata.labels ?? {},
      containers: containersOf(pod),
      device,
    }
  })
}

function containersOf(pod: StoredOf<'pods'>): readonly SceneContainer[] {
  const entry =
    (init: boolean) =>
    (container: {
      readonly name: string
      readonly image?: string
      readonly ports?: readonly { readonly containerPort: number }[]
    }): SceneContainer => {
      const statuses = (init ? pod.status?.initContainerStatuses : pod.status?.containerStatuses) ?? []
      const status = statuses.find((each) => each.name === container.name)
      const { waiting, running, terminated } = status?.state ?? {}
      return {
        name: container.name,
        image: container.image ?? '',
        state: running !== undefined ? 'running' : terminated !== undefined ? 'terminated' : 'waiting',
        reason: waiting?.reason ?? terminated?.reason ?? '',
        ready: status?.ready ?? false,
        restarts: status?.restartCount ?? 0,
        init,
        ports: (container.ports ?? []).map((port) => port.containerPort),
      }
    }
  return [...(pod.spec?.initContainers ?? []).map(entry(true)), ...(pod.spec?.containers ?? []).map(entry(false))]
}
