import { type Phrase, phrase, thingPhrase, whyPhrase } from '../../i18n/index.js'
import type { Scene, SceneNode, ThingId } from '../../protocol/index.js'

export interface Row {
  readonly label: Phrase
  readonly value: Phrase | string
}

export interface ThingSummary {
  readonly rows: readonly Row[]
  /** Sentences that say what must not be misunderstood about it. */
  readonly notes: readonly Phrase[]
  /** For requests: where it can send from, and what can be sent to it. */
  readonly from: string | undefined
  readonly to: string | undefined
  /** Its Node, for things that live on one. */
  readonly node: string | undefined
}

const NOTHING: ThingSummary = { rows: [], notes: [], from: undefined, to: undefined, node: undefined }

/** What the scene tells of a thing, without asking the simulation. */
export function summaryOf(scene: Scene, id: ThingId): ThingSummary {
  const [kind = '', ...rest] = id.split('/')
  const name = rest.join('/')
  switch (kind) {
    case 'client':
      return { ...NOTHING, from: id, rows: [row(phrase('inspector.row.ip'), name)] }
    case 'pod':
      return podSummary(scene, id)
    case 'container':
      return podSummary(scene, `pod/${rest[0] ?? ''}/${rest[1] ?? ''}`)
    case 'lb':
      return balancerSummary(scene, id)
    case 'object':
      return rest[0] === 'Service' ? serviceSummary(scene, `${rest[1] ?? ''}/${rest[2] ?? ''}`) : NOTHING
    case 'node':
    case 'eth0':
    case 'iptables':
    case 'conntrack':
    case 'routing':
    case 'local':
    case 'kubelet':
    case 'kube-proxy':
    case 'runtime':
    case 'bridge':
      return nodeSummary(scene, name)
    case 'hook':
      return nodeSummary(scene, rest[0] ?? '')
    default: {
      const component = scene.components.get(id)
      return component === undefined
        ? NOTHING
        : {
            ...NOTHING,
            rows: [
              row(phrase('inspector.row.node'), component.node),
              row(phrase('inspector.row.running'), yes(component.running)),
            ],
          }
    }
  }
}

function row(label: Phrase, value: Phrase | string): Row {
  return { label, value }
}

function yes(is: boolean): Phrase {
  return is ? phrase('inspector.row.yes') : phrase('inspector.row.no')
}

function on(is: boolean): Phrase {
  return is ? phrase('inspector.row.on') : phrase('inspector.row.off')
}

/** Of each family, that of the Node's address first. */
function rulesOf({ ip, ruleCount, otherRuleCount }: SceneNode): string {
  const [own, other] = ip.includes(':') ? ['IPv6', 'IPv4'] : ['IPv4', 'IPv6']
  return otherRuleCount === 0 ? String(ruleCount) : `${ruleCount} (${own}) · ${otherRuleCount} (${other})`
}

function nodeSummary(scene: Scene, name: string): ThingSummary {
  const node = [...scene.nodes.values()].find((candidate) => candidate.name === name)
  if (node === undefined) return NOTHING
  const pods = [...scene.pods.values()].filter((pod) => pod.node === name).length
  return {
    ...NOTHING,
    from: node.id,
    node: name,
    notes: node.joinedLater ? [phrase('inspector.joinedLater')] : [],
    rows: [
      row(phrase('inspector.row.ip'), node.ip),
      row(phrase('inspector.row.podCIDR'), node.podCIDR),
      row(phrase('inspector.row.ready'), node.ready),
      row(phrase('inspector.row.powered'), on(node.powered)),
      row(phrase('inspector.row.connected'), on(node.connected)),
      row(phrase('thing.kubelet', { node: name }), on(node.kubelet)),
      row(phrase('thing.kube-proxy', { node: name }), on(node.kubeProxy)),
      row(phrase('inspector.row.mode'), node.proxyMode),
      row(phrase('inspector.row.rules'), rulesOf(node)),
      row(phrase('inspector.row.stale'), yes(!node.rulesStale)),
      row(phrase('inspector.row.taints'), node.taints.join(', ')),
      row(phrase('inspector.row.pods'), String(pods)),
    ],
  }
}

function podSummary(scene: Scene, id: ThingId): ThingSummary {
  const pod = scene.pods.get(id)
  if (pod === undefined) return NOTHING
  const port = pod.containers.flatMap((container) => container.ports)[0]
  return {
    ...NOTHING,
    from: pod.ip === '' ? undefined : id,
    to: pod.ip === '' || port === undefined ? undefined : `${id}:${port}`,
    node: pod.node,
    rows: [
      row(phrase('inspector.row.status'), pod.status),
      row(phrase('inspector.row.ready'), yes(pod.ready)),
      row(phrase('inspector.row.ip'), pod.ip),
      row(phrase('inspector.row.node'), pod.node),
      row(phrase('inspector.row.owner'), pod.owner),
      row(
        phrase('inspector.row.labels'),
        Object.entries(pod.labels)
          .map(([key, value]) => `${key}=${value}`)
          .join(', '),
      ),
      ...pod.containers.map((container) =>
        row(
          phrase('inspector.row.container', { name: container.name }),
          [container.image, container.state, container.reason, container.restarts > 0 ? `restarts ${container.restarts}` : '']
            .filter((word) => word !== '')
            .join(' · '),
        ),
      ),
    ],
  }
}

function serviceSummary(scene: Scene, key: string): ThingSummary {
  const service = [...scene.services.values()].find((candidate) => `${candidate.namespace}/${candidate.name}` === key)
  if (service === undefined) return NOTHING
  const port = service.ports[0]
  return {
    ...NOTHING,
    to: port === undefined ? undefined : `service/${key}:${port.port}`,
    notes: [phrase('inspector.serviceIs')],
    rows: [
      row(phrase('inspector.row.type'), service.type),
      row(phrase('inspector.row.clusterIP'), service.clusterIP),
      row(phrase('inspector.row.external'), service.externalAddresses.join(', ')),
      row(
        phrase('inspector.row.ports'),
        service.ports
          .map(
            ({ port: own, targetPort, nodePort, protocol }) =>
              `${own} → ${targetPort}${nodePort > 0 ? `, ${nodePort}` : ''} ${protocol}`,
          )
          .join('; '),
      ),
      row(
        phrase('inspector.row.endpoints'),
        service.endpoints
          .slice(0, 20)
          .map((endpoint) => `${endpoint.ip}:${endpoint.port}${endpoint.ready ? '' : ' (not ready)'}`)
          .join(', '),
      ),
    ],
  }
}

function balancerSummary(scene: Scene, id: ThingId): ThingSummary {
  const balancer = scene.loadBalancers.get(id)
  if (balancer === undefined) return NOTHING
  const port = balancer.ports[0]
  return {
    ...NOTHING,
    to: port === undefined ? undefined : `service/${balancer.service}:${port}`,
    notes: [phrase(`inspector.lb.${balancer.kind}`)],
    rows: [
      row(phrase('inspector.row.ip'), [balancer.ip, ...balancer.moreAddresses].join(', ')),
      ...balancer.nodes
        .slice(0, 20)
        .map(({ node, usable, why }) =>
          row(
            thingPhrase(`node/${node}`),
            usable ? phrase('inspector.row.used') : why === '' ? phrase('inspector.row.unused') : whyPhrase(why),
          ),
        ),
    ],
  }
}
