import { type Phrase, phrase } from '../../i18n/index.js'
import type { RequestSpec, Scene, SceneService } from '../../protocol/index.js'
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

export interface Targets {
  readonly services: readonly (Choice & { readonly proto: RequestSpec['proto'] })[]
  readonly nodePorts: readonly (Choice & { readonly proto: RequestSpec['proto'] })[]
  readonly pods: readonly Choice[]
}

/** More Pods than this in a list help nobody; any can still be typed as `IP:port` or sent from in its inspector. */
const PODS_LISTED = 60

/** Who can send: clients outside, Nodes, running Pods. */
export function sourcesOf(scene: Scene): Sources {
  return {
    clients: [...scene.clients.values()].map((client) => ({ value: `client/${client.ip}`, label: client.ip })),
    nodes: [...scene.nodes.values()].map((node) => ({ value: `node/${node.name}`, label: node.name })),
    pods: podsOf(scene).map((pod) => ({ value: `pod/${pod.namespace}/${pod.name}`, label: `${pod.namespace}/${pod.name}` })),
  }
}

function podsOf(scene: Scene) {
  return [...scene.pods.values()]
    .filter((pod) => pod.ip !== '' && !pod.hostNetwork)
    .toSorted((a, b) => Number(a.namespace === 'kube-system') - Number(b.namespace === 'kube-system'))
    .slice(0, PODS_LISTED)
}

/** Where a request can go by choice: each Service port, its nodePorts, Pods that listen. */
export function targetsOf(scene: Scene): Targets {
  const services = [...scene.services.values()].toSorted(interestFirst)
  const firstNode = [...scene.nodes.values()].find((node) => !node.controlPlane)
  return {
    services: services.flatMap((service) =>
      service.ports.map((port) => ({
        value: `service/${service.namespace}/${service.name}:${port.port}`,
        label: `${service.namespace}/${service.name}:${port.port}`,
        proto: protoOf(port.protocol),
      })),
    ),
    nodePorts:
      firstNode === undefined
        ? []
        : services.flatMap((service) =>
            service.ports
              .filter((port) => port.nodePort > 0)
              .map((port) => ({
                value: `${firstNode.ip}:${port.nodePort}`,
                label: `${firstNode.name} ${firstNode.ip}:${port.nodePort}`,
                proto: protoOf(port.protocol),
              })),
          ),
    pods: podsOf(scene).flatMap((pod) => {
      const port = pod.containers.flatMap((container) => container.ports)[0]
      if (port === undefined) return []
      return [{ value: `pod/${pod.namespace}/${pod.name}:${port}`, label: `${pod.namespace}/${pod.name}:${port}` }]
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
  const targets = targetsOf(scene)
  const chosen = [...targets.services, ...targets.nodePorts].find((choice) => choice.value === draft.to) ?? targets.services[0]
  const known =
    draft.to !== '' && (draft.to === 'custom' || [...targets.nodePorts, ...targets.pods].some(({ value }) => value === draft.to))
  const to = draft.to === 'custom' ? draft.custom.trim() : known ? draft.to : (chosen?.value ?? '')
  if (to === '') return undefined
  const proto = draft.to === 'custom' || known ? draft.proto : (chosen?.proto ?? draft.proto)
  return {
    from: fromOf(draft.from, scene),
    to,
    proto,
    ...(draft.count === 1 ? {} : { count: draft.count }),
    ...(draft.sameConnection && previousFlow !== undefined && draft.count === 1 ? { sameConnectionAs: previousFlow } : {}),
  }
}

/** A source that has gone gives way to the first client. */
function fromOf(from: string, scene: Scene): string {
  const sources = sourcesOf(scene)
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
