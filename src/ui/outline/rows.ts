import { type MessageKey, type Phrase, phrase, thingPhrase } from '../../i18n/index.js'
import type { Scene, SceneNode, ScenePod, ThingId } from '../../protocol/index.js'
import { byNaturalName, thing } from '../canvas/things.js'

/** A line of the outline. */
export interface Row {
  /** Of a thing, its id; of a heading, `heading/NAME`. */
  readonly id: ThingId
  readonly name: Phrase
  /** State and address, in Kubernetes' own words. */
  readonly detail: string
  readonly level: number
  readonly parent: ThingId | undefined
  readonly hasChildren: boolean
  readonly isOpen: boolean
  /** Its place among its siblings, from 1, and how many they are. */
  readonly index: number
  readonly count: number
}

interface Branch {
  readonly id: ThingId
  readonly name: Phrase
  readonly detail: string
  /** Called only when the branch is open: a closed Node with a hundred Pods costs one line. */
  readonly children?: () => readonly Branch[]
}

/** Above this number of Nodes they start folded. */
const MOST_OPEN_NODES = 6

/**
 * The visible lines of the outline, in order.
 *
 * @param toggled lines that a person opened or closed against their default.
 */
export function outlineRows(scene: Scene, toggled: ReadonlySet<ThingId>): readonly Row[] {
  const rows: Row[] = []
  const isOpen = (id: ThingId) => isOpenAtFirst(id, scene) !== toggled.has(id)
  const walk = (branches: readonly Branch[], level: number, parent: ThingId | undefined) => {
    branches.forEach(({ id, name, detail, children }, index) => {
      const open = children !== undefined && isOpen(id)
      rows.push({
        id,
        name,
        detail,
        level,
        parent,
        hasChildren: children !== undefined,
        isOpen: open,
        index: index + 1,
        count: branches.length,
      })
      if (open) walk(children(), level + 1, id)
    })
  }
  walk(topOf(scene), 1, undefined)
  return rows
}

function isOpenAtFirst(id: ThingId, scene: Scene): boolean {
  if (id.startsWith('heading/')) return true
  return id.startsWith('node/') && scene.nodes.size <= MOST_OPEN_NODES
}

function heading(
  name: 'outside' | 'controlPlane' | 'nodes' | 'objects' | 'pending',
  children: readonly Branch[],
): readonly Branch[] {
  if (children.length === 0) return []
  const key: MessageKey = `outline.${name}`
  return [{ id: `heading/${name}`, name: phrase(key), detail: '', children: () => children }]
}

const leaf = (id: ThingId, detail = ''): Branch => ({ id, name: thingPhrase(id), detail })

function topOf(scene: Scene): readonly Branch[] {
  const pods = podsByNode(scene)
  const nodes = [...scene.nodes.values()].sort((a, b) => byNaturalName(a.name, b.name))
  return [
    ...heading('outside', [
      ...[...scene.clients.keys()].map((id) => leaf(id)),
      leaf(thing.router),
      ...[...scene.loadBalancers.values()].map((lb) => leaf(lb.id, lb.ip)),
    ]),
    ...heading(
      'controlPlane',
      [...scene.components.values()].map((component) => leaf(component.id, component.running ? '' : 'stopped')),
    ),
    ...heading(
      'nodes',
      nodes.map((node) => nodeBranch(node, pods.get(node.name) ?? [])),
    ),
    ...heading('pending', (pods.get('') ?? []).map(podBranch)),
    ...heading('objects', [
      ...[...scene.services.values()].sort(byId).map((service) => leaf(service.id, `${service.type} ${service.clusterIP}`)),
      ...[...scene.workloads.values()].sort(byId).map((workload) => leaf(workload.id, `${workload.ready}/${workload.desired}`)),
    ]),
  ]
}

/** Who looks for the iptables of a Node whose kernel holds nftables finds what stands in their place. */
function rulesLeaf({ name, proxyMode }: SceneNode): Branch {
  const row = leaf(thing.iptables(name))
  return proxyMode === 'nftables' ? { ...row, name: phrase('thing.nftables.alias', { node: name }) } : row
}

function nodeBranch(node: SceneNode, pods: readonly ScenePod[]): Branch {
  const { name } = node
  return {
    id: node.id,
    name: thingPhrase(node.id),
    detail: `${node.ready === 'True' ? 'Ready' : 'NotReady'} ${node.ip}`,
    children: () => [
      leaf(thing.kubelet(name)),
      leaf(thing.kubeProxy(name)),
      leaf(thing.runtime(name)),
      leaf(thing.eth0(name)),
      rulesLeaf(node),
      leaf(thing.conntrack(name)),
      leaf(thing.bridge(name)),
      ...pods.map(podBranch),
    ],
  }
}

function podBranch(pod: ScenePod): Branch {
  return {
    id: pod.id,
    name: thingPhrase(pod.id),
    detail: [pod.status, pod.ip].filter((part) => part !== '').join(' '),
    children: () =>
      pod.containers.map((container) => leaf(thing.container(pod.namespace, pod.name, container.name), container.state)),
  }
}

function podsByNode(scene: Scene): ReadonlyMap<string, readonly ScenePod[]> {
  const byNode = new Map<string, ScenePod[]>()
  for (const pod of scene.pods.values()) {
    const list = byNode.get(pod.node)
    if (list === undefined) byNode.set(pod.node, [pod])
    else list.push(pod)
  }
  for (const list of byNode.values()) list.sort(byId)
  return byNode
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : 1
}
