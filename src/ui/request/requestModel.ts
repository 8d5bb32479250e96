import { type Phrase, phrase } from '../../i18n/index.js'
import type { RequestSpec, Scene, ScenePod, SceneService } from '../../protocol/index.js'
import type { RequestDraft } from '../uiState.js'

export interface Choice {
  readonly value: string
  readonly label: string
}

export interface Sources {
  readonly clients: readonly Choice[]
  readonly nodes: readonly Choice[]
  readonly pods: readonly Choice[]
}

/** A place to send to. Its `value` tells it from others in a list: one port may serve two protocols. */
export interface Target extends Choice {
  readonly to: string
  readonly proto: RequestSpec['proto']
}

export interface Targets {
  readonly services: readonly Target[]
  readonly nodePorts: readonly Target[]
  readonly pods: readonly Target[]
}

function targetOf(to: string, label: string, protocol: string): Target {
  const proto = protoOf(protocol)
  return proto === 'tcp'
    ? { value: to, label, to, proto }
    : { value: `${to} ${proto}`, label: `${label} ${proto.toUpperCase()}`, to, proto }
}

/** More Pods than this in a list help nobody; any can still be typed as `IP:port` or sent from in its inspector. */
const PODS_LISTED = 60

/** Who can send: clients outside, Nodes, running Pods. */
export function sourcesOf(scene: Scene, chosen = ''): Sources {
  return {
    clients: [...scene.clients.values()].map((client) => ({ value: `client/${client.ip}`, label: client.ip })),
    nodes: [...scene.nodes.values()].map((node) => ({ value: `node/${node.name}`, label: node.name })),
    pods: podsOf(scene, chosen).map((pod) => ({
      value: `pod/${pod.namespace}/${pod.name}`,
      label: `${pod.namespace}/${pod.name}`,
    })),
  }
}

/** Pods to choose from; the one that is chosen is always among them. */
function podsOf(scene: Scene, chosen: string): readonly ScenePod[] {
  const isChosen = (pod: ScenePod): boolean => chosen === pod.id || chosen.startsWith(`${pod.id}:`)
  const all = [...scene.pods.values()]
    .filter((pod) => pod.ip !== '' && !pod.hostNetwork)
    .toSorted((a, b) => Number(a.namespace === 'kube-system') - Number(b.namespace === 'kube-system'))
  return [...all.slice(0, PODS_LISTED), ...all.slice(PODS_LISTED).filter(isChosen)]
}

/** Where a request can go by choice: each Service port, its nodePorts, Pods that listen. */
export function targetsOf(scene: Scene, chosen = ''): Targets {
  const services = [...scene.services.values()].toSorted(interestFirst)
  const firstNode = [...scene.nodes.values()].find((node) => !node.controlPlane)
  return {
    services: services.flatMap(({ namespace, name, ports }) =>
      ports.map(({ port, protocol }) =>
        targetOf(`service/${namespace}/${name}:${port}`, `${namespace}/${name}:${port}`, protocol),
      ),
    ),
    nodePorts:
      firstNode === undefined
        ? []
        : services.flatMap(({ ports }) =>
            ports
              .filter(({ nodePort }) => nodePort > 0)
              .map(({ nodePort, protocol }) =>
                targetOf(`${firstNode.ip}:${nodePort}`, `${firstNode.name} ${firstNode.ip}:${nodePort}`, protocol),
              ),
          ),
    pods: podsOf(scene, chosen).flatMap(({ namespace, name, containers }) => {
      const port = containers.flatMap((container) => container.ports)[0]
      return port === undefined ? [] : [targetOf(`pod/${namespace}/${name}:${port}`, `${namespace}/${name}:${port}`, 'TCP')]
    }),
  }
}

function protoOf(protocol: string): RequestSpec['proto'] {
  const lower = protocol.toLowerCase()
  return lower === 'udp' || lower === 'sctp' ? lower : 'tcp'
}

/** What a first look is about comes first: a Service that the outside reaches, of the person's own. */
function interestFirst(a: SceneService, b: SceneService): number {
  return rank(a) - rank(b)
}

function rank(service: SceneService): number {
  if (service.namespace === 'kube-system') return 4
  if (service.namespace === 'default' && service.name === 'kubernetes') return 3
  return service.type === 'LoadBalancer' ? 0 : service.type === 'NodePort' ? 1 : 2
}

/** The request that the form describes now; undefined while it names no target. */
export function requestOf(draft: RequestDraft, scene: Scene, previousFlow: string | undefined): RequestSpec | undefined {
  const target = draft.to === 'custom' ? undefined : targetChosen(draft, targetsOf(scene, draft.to))
  const to = target?.to ?? (draft.to === 'custom' ? draft.custom.trim() : '')
  if (to === '') return undefined
  const proto = target?.proto ?? draft.proto
  return {
    from: fromOf(draft.from, scene),
    to,
    proto,
    ...(draft.count === 1 ? {} : { count: draft.count }),
    ...(draft.sameConnection && previousFlow !== undefined && draft.count === 1 ? { sameConnectionAs: previousFlow } : {}),
  }
}

/** The target that the form shows as chosen: the first of interest when none is, or when it has gone. */
export function targetChosen(draft: RequestDraft, targets: Targets): Target | undefined {
  const all = [...targets.services, ...targets.nodePorts, ...targets.pods]
  return all.find(({ value }) => value === draft.to) ?? all[0]
}

/** A source that has gone gives way to the first client. */
function fromOf(from: string, scene: Scene): string {
  const sources = sourcesOf(scene, from)
  const all = [...sources.clients, ...sources.nodes, ...sources.pods]
  return all.some((choice) => choice.value === from) ? from : (all[0]?.value ?? 'client')
}

/** Why the inspector can say `expected 333 ± 30`: two standard deviations of a binomial count. */
export function expectedCount(count: number, probability: number): { readonly mean: number; readonly spread: number } {
  return { mean: Math.round(count * probability), spread: Math.round(2 * Math.sqrt(count * probability * (1 - probability))) }
}

export function verdictPhrase(verdict: Parameters<typeof verdictKey>[0]): Phrase {
  return phrase(verdictKey(verdict))
}

function verdictKey(verdict: 'delivered' | 'refused' | 'rejected' | 'dropped' | 'no-route' | 'timeout' | 'unresolved') {
  return `verdict.${verdict}` as const
}
