import { parsePrefix } from '../sim/index.js'
import type { FieldReader } from './fields.js'
import type { ClusterInput, NodeInput } from './types.js'

const CLUSTER_FIELDS = [
  'apiVersion',
  'kind',
  'name',
  'nodes',
  'networking',
  'featureGates',
  'runtimeConfig',
  'kubeadmConfigPatches',
  'kubeadmConfigPatchesJSON6902',
  'containerdConfigPatches',
  'containerdConfigPatchesJSON6902',
]
const NODE_FIELDS = [
  'role',
  'labels',
  'image',
  'extraMounts',
  'extraPortMappings',
  'kubeadmConfigPatches',
  'kubeadmConfigPatchesJSON6902',
]
const NETWORKING_FIELDS = [
  'ipFamily',
  'apiServerPort',
  'apiServerAddress',
  'podSubnet',
  'serviceSubnet',
  'disableDefaultCNI',
  'kubeProxyMode',
  'dnsSearch',
]

export const DEFAULT_CLUSTER: ClusterInput = {
  nodes: [
    { name: 'control-plane', role: 'control-plane', labels: {}, joinsLater: false },
    { name: 'node1', role: 'worker', labels: {}, joinsLater: false },
    { name: 'node2', role: 'worker', labels: {}, joinsLater: false },
    { name: 'node3', role: 'worker', labels: {}, joinsLater: false },
  ],
  podSubnet: '10.244.0.0/16',
  serviceSubnet: '10.96.0.0/12',
  proxyMode: undefined,
  disableDefaultCNI: false,
}

/** What kind gives each `ipFamily`. Source: kubernetes-sigs/kind pkg/apis/config/v1alpha4/default.go */
const SUBNETS = {
  ipv4: { families: [4], pod: DEFAULT_CLUSTER.podSubnet, service: DEFAULT_CLUSTER.serviceSubnet },
  ipv6: { families: [6], pod: 'fd00:10:244::/56', service: 'fd00:10:96::/112' },
  dual: {
    families: [4, 6],
    pod: `${DEFAULT_CLUSTER.podSubnet},fd00:10:244::/56`,
    service: `${DEFAULT_CLUSTER.serviceSubnet},fd00:10:96::/112`,
  },
} as const

/**
 * Reads kind's `Cluster`. Nodes get the sandbox's names: `control-plane`, then `node1`, `node2`, ... for workers.
 * Without `nodes`, as in kind, one control-plane Node.
 * Source: kubernetes-sigs/kind pkg/apis/config/v1alpha4/types.go
 */
export function readCluster(value: Readonly<Record<string, unknown>>, reader: FieldReader): ClusterInput {
  reader.only(value, '', CLUSTER_FIELDS)
  const networking = reader.record(value['networking'], 'networking')
  reader.only(networking, 'networking', NETWORKING_FIELDS)
  const family = reader.oneOf(networking['ipFamily'], 'networking.ipFamily', ['ipv4', 'ipv6', 'dual'])
  const ranges = SUBNETS[family ?? 'ipv4']
  return {
    nodes: readNodes(value['nodes'], reader),
    podSubnet: readSubnet(networking['podSubnet'], 'networking.podSubnet', ranges.families, reader) ?? ranges.pod,
    serviceSubnet: readSubnet(networking['serviceSubnet'], 'networking.serviceSubnet', ranges.families, reader) ?? ranges.service,
    proxyMode: reader.oneOf(networking['kubeProxyMode'], 'networking.kubeProxyMode', [
      'iptables',
      'ipvs',
      'nftables',
      'userspace',
      'none',
    ]),
    disableDefaultCNI: reader.flag(networking['disableDefaultCNI'], 'networking.disableDefaultCNI'),
  }
}

function readNodes(value: unknown, reader: FieldReader): readonly NodeInput[] {
  const listed = reader.list(value, 'nodes')
  const wanted = listed.length === 0 ? [{ role: 'control-plane' }] : listed
  let planes = 0
  let workers = 0
  const nodes = wanted.map((each, index): NodeInput => {
    const path = `nodes[${index}]`
    const node = reader.record(each, path)
    reader.only(node, path, NODE_FIELDS)
    const role = reader.oneOf(node['role'], `${path}.role`, ['control-plane', 'worker']) ?? 'control-plane'
    const labels = reader.strings(node['labels'], `${path}.labels`)
    if (role === 'worker') workers++
    else planes++
    const name = role === 'worker' ? `node${workers}` : planes === 1 ? 'control-plane' : `control-plane${planes}`
    return { name, role, labels, joinsLater: false }
  })
  if (planes === 0) reader.report('nodes', 'bad-field', 'must have at least one node with role control-plane')
  return nodes
}

/** One block for each family of the cluster, separated by a comma. */
function readSubnet(value: unknown, path: string, families: readonly number[], reader: FieldReader): string | undefined {
  const text = reader.text(value, path)
  if (text === undefined || text === '') return undefined
  const blocks = text.split(',').map((each) => each.trim())
  const given = blocks.map((block) => (block.includes('/') ? parsePrefix(block)?.family : undefined))
  const isRight = given.length === families.length && families.every((family) => given.includes(family as 4 | 6))
  if (isRight) return blocks.join(',')
  const wanted =
    families.length > 1
      ? 'an IPv4 and an IPv6 subnet such as 10.244.0.0/16,fd00:10:244::/56'
      : families[0] === 6
        ? 'an IPv6 subnet such as fd00:10:244::/56'
        : 'an IPv4 subnet such as 10.244.0.0/16'
  reader.report(path, 'bad-field', `"${text}" is not ${wanted}`)
  return undefined
}
