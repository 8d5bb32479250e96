import { byCodeUnit } from '../../core/digest.js'
import { own } from '../../core/own.js'
import { sha256 } from '../proxy/iptables/sha256.js'
import { toBase64Bytes } from './defaults/defaults.js'
import type { ResourceInfo } from './kinds.js'
import { groupVersion, RESOURCE_LIST } from './kinds.js'

const ALL_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

interface Subresource {
  readonly kind?: string
  readonly group?: string
  readonly version?: string
  readonly verbs: readonly string[]
}

const PROXY_VERBS = ['create', 'delete', 'get', 'patch', 'update']

/** Subresources that are not the object itself in another guise. */
const SUBRESOURCES: Readonly<Record<string, Subresource>> = {
  scale: { kind: 'Scale', group: 'autoscaling', version: 'v1', verbs: ['get', 'patch', 'update'] },
  'pods/attach': { kind: 'PodAttachOptions', verbs: ['create', 'get'] },
  'pods/binding': { kind: 'Binding', verbs: ['create'] },
  'pods/eviction': { kind: 'Eviction', group: 'policy', version: 'v1', verbs: ['create'] },
  'pods/exec': { kind: 'PodExecOptions', verbs: ['create', 'get'] },
  'pods/log': { verbs: ['get'] },
  'pods/portforward': { kind: 'PodPortForwardOptions', verbs: ['create', 'get'] },
  'pods/proxy': { kind: 'PodProxyOptions', verbs: PROXY_VERBS },
  'services/proxy': { kind: 'ServiceProxyOptions', verbs: PROXY_VERBS },
  'nodes/proxy': { kind: 'NodeProxyOptions', verbs: PROXY_VERBS },
  'namespaces/finalize': { verbs: ['update'] },
  'serviceaccounts/token': { kind: 'TokenRequest', group: 'authentication.k8s.io', version: 'v1', verbs: ['create'] },
}

/** Kinds that are answered and never stored. */
const REVIEWS: Readonly<Record<string, readonly (readonly [string, boolean])[]>> = {
  'authentication.k8s.io': [
    ['SelfSubjectReview', false],
    ['TokenReview', false],
  ],
  'authorization.k8s.io': [
    ['LocalSubjectAccessReview', true],
    ['SelfSubjectAccessReview', false],
    ['SelfSubjectRulesReview', false],
    ['SubjectAccessReview', false],
  ],
}

/** Answers `/api`, `/apis`, `/apis/GROUP` and `/apis/GROUP/VERSION`; undefined for other paths. Source: apiserver pkg/endpoints/discovery */
export function serveDiscovery(path: string): object | undefined {
  const parts = path.split('/').filter((each) => each !== '')
  if (parts[0] === 'api') {
    if (parts.length === 1) {
      const serverAddressByClientCIDRs = [{ clientCIDR: '0.0.0.0/0', serverAddress: '172.18.0.2:6443' }]
      return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs }
    }
    return parts.length === 2 ? resourceList('', parts[1] ?? '') : undefined
  }
  if (parts[0] !== 'apis' || parts.length > 3) return undefined
  const [, group, version] = parts
  if (group === undefined) return { kind: 'APIGroupList', apiVersion: 'v1', groups: groupNames().map(groupOf) }
  if (version === undefined)
    return groupNames().includes(group) ? { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group) } : undefined
  return resourceList(group, version)
}

/** Names of all groups but the core one, in order. */
function groupNames(): readonly string[] {
  const stored = RESOURCE_LIST.map((info) => info.group).filter((group) => group !== '')
  return [...new Set([...stored, 'events.k8s.io', ...Object.keys(REVIEWS)])].sort(byCodeUnit)
}

function versionsOf(group: string): readonly string[] {
  const versions = RESOURCE_LIST.filter((info) => info.group === group).flatMap((info) => [info.version, ...info.otherVersions])
  return versions.length === 0 ? ['v1'] : [...new Set(versions)]
}

function groupOf(group: string): object {
  const versions = versionsOf(group).map((version) => ({ groupVersion: groupVersion(group, version), version }))
  return { name: group, versions, preferredVersion: versions[0] }
}

function resourceList(group: string, version: string): object | undefined {
  const resources = own(REVIEWS, group) === undefined ? storedResources(group, version) : reviewResources(group)
  if (resources.length === 0) return undefined
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: groupVersion(group, version), resources }
}

function reviewResources(group: string): readonly object[] {
  return (own(REVIEWS, group) ?? []).map(([kind, namespaced]) => {
    const singularName = kind.toLowerCase()
    return { name: `${singularName}s`, singularName, namespaced, kind, verbs: ['create'] }
  })
}

function storedResources(group: string, version: string): readonly object[] {
  const isEvents = group === 'events.k8s.io'
  const infos = RESOURCE_LIST.filter((info) =>
    isEvents ? info.resource === 'events' : info.group === group && [info.version, ...info.otherVersions].includes(version),
  )
  return [...infos].sort((a, b) => byCodeUnit(a.resource, b.resource)).flatMap(entriesOf)
}

function entriesOf(info: ResourceInfo): readonly object[] {
  const { resource, namespaced, kind } = info
  if (resource === 'bindings') return [{ name: resource, singularName: info.singular, namespaced, kind, verbs: ['create'] }]
  const main = {
    name: resource,
    singularName: info.singular,
    namespaced,
    kind,
    verbs: resource === 'namespaces' ? ALL_VERBS.filter((verb) => verb !== 'deletecollection') : ALL_VERBS,
    ...(info.shortNames.length === 0 ? {} : { shortNames: info.shortNames }),
    ...(info.categories.length === 0 ? {} : { categories: info.categories }),
    storageVersionHash: storageHash(info),
  }
  const subs = info.subresources.map((name) => {
    const {
      kind: own = kind,
      verbs,
      ...where
    } = SUBRESOURCES[name] ?? SUBRESOURCES[`${resource}/${name}`] ?? { verbs: ['get', 'patch', 'update'] }
    return { name: `${resource}/${name}`, singularName: '', namespaced, ...where, kind: own, verbs }
  })
  return [main, ...subs]
}

/** Source: apiserver pkg/endpoints/discovery/storageversionhash.go */
function storageHash(info: ResourceInfo): string {
  return toBase64Bytes([...sha256(`${info.group}/${info.version}/${info.kind}`)].slice(0, 8))
}
