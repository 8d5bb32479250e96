import { byCodeUnit } from '../../core/digest.js'
import { own } from '../../core/own.js'
import { sha256 } from '../proxy/iptables/sha256.js'
import { toBase64Bytes } from './base64.js'
import type { ResourceInfo } from './kinds.js'
import { groupVersion, RESOURCE_LIST } from './kinds.js'
import type { OtherResource } from './otherResources.js'
import { OTHER_RESOURCES } from './otherResources.js'

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

/** All groups but the core one, in the order in which the server names them. Source: kubernetes pkg/controlplane/apiserver/aggregator.go (priorities) */
const GROUPS = [
  'apiregistration.k8s.io',
  'apps',
  'events.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'scheduling.k8s.io',
  'coordination.k8s.io',
  'node.k8s.io',
  'discovery.k8s.io',
  'resource.k8s.io',
  'flowcontrol.apiserver.k8s.io',
]

/** Answers `/api`, `/apis`, `/apis/GROUP` and `/apis/GROUP/VERSION`; undefined for other paths. Source: apiserver pkg/endpoints/discovery */
export function serveDiscovery(path: string, accept = ''): object | undefined {
  const parts = path.split('/').filter((each) => each !== '')
  if (parts.length === 1 && /as=APIGroupDiscoveryList/.test(accept.split(',')[0] ?? '')) return aggregated(parts[0] ?? '')
  if (parts[0] === 'api') {
    if (parts.length === 1) {
      const serverAddressByClientCIDRs = [{ clientCIDR: '0.0.0.0/0', serverAddress: '172.18.0.2:6443' }]
      return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs }
    }
    return parts.length === 2 ? resourceList('', parts[1] ?? '') : undefined
  }
  if (parts[0] !== 'apis' || parts.length > 3) return undefined
  const [, group, version] = parts
  if (group === undefined) return { kind: 'APIGroupList', apiVersion: 'v1', groups: GROUPS.map(groupOf) }
  if (version === undefined) return GROUPS.includes(group) ? { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group) } : undefined
  return resourceList(group, version)
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
  const resources = resourcesOf(group, version)
  if (resources.length === 0) return undefined
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: groupVersion(group, version), resources }
}

/** One entry of a resource list. Source: apimachinery meta/v1 types.go APIResource */
interface Entry {
  readonly name: string
  readonly singularName: string
  readonly namespaced: boolean
  readonly group?: string
  readonly version?: string
  readonly kind: string
  readonly verbs: readonly string[]
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  readonly storageVersionHash?: string
}

/** Every resource of a version, each followed by its subresources. */
function resourcesOf(group: string, version: string): readonly Entry[] {
  const isEvents = group === 'events.k8s.io'
  const stored = RESOURCE_LIST.filter((info) =>
    isEvents ? info.resource === 'events' : info.group === group && [info.version, ...info.otherVersions].includes(version),
  )
  const others = OTHER_RESOURCES.filter((each) => each[2] === groupVersion(group, version) && each[4] !== 'Event')
  return [
    ...stored.map((info) => ({ name: info.resource as string, entries: entriesOf(info) })),
    ...others.map((each) => ({ name: each[0], entries: entriesOfOther(each) })),
  ]
    .sort((a, b) => byCodeUnit(a.name, b.name))
    .flatMap((each) => each.entries)
}

function entriesOf(info: ResourceInfo): readonly Entry[] {
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

const EXTENSIONS = ['admissionregistration.k8s.io', 'apiextensions.k8s.io', 'apiregistration.k8s.io']

/** Subresources of what is not stored here. */
const OTHER_SUBRESOURCES: Readonly<Record<string, readonly string[]>> = {
  apiservices: ['status'],
  certificatesigningrequests: ['approval', 'status'],
  customresourcedefinitions: ['status'],
  flowschemas: ['status'],
  prioritylevelconfigurations: ['status'],
  resourceclaims: ['status'],
  servicecidrs: ['status'],
  validatingadmissionpolicies: ['status'],
  volumeattachments: ['status'],
}

function entriesOfOther([name, shortNames, apiVersion, namespaced, kind, verbs]: OtherResource): readonly Entry[] {
  const [group = '', version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion]
  const main = {
    name,
    singularName: kind.toLowerCase(),
    namespaced,
    kind,
    verbs: verbs === undefined ? ALL_VERBS : verbs.split(','),
    ...(shortNames === '' ? {} : { shortNames: shortNames.split(',') }),
    ...(EXTENSIONS.includes(group) ? { categories: ['api-extensions'] } : {}),
    ...(verbs === undefined ? { storageVersionHash: storageHash({ group, version, kind }) } : {}),
  }
  const subs = (own(OTHER_SUBRESOURCES, name) ?? []).map((sub) => {
    return { name: `${name}/${sub}`, singularName: '', namespaced, kind, verbs: ['get', 'patch', 'update'] }
  })
  return [main, ...subs]
}

/** Everything in one document. Source: apiserver pkg/endpoints/discovery/aggregated, k8s.io/api apidiscovery/v2 */
function aggregated(root: string): object | undefined {
  if (root !== 'api' && root !== 'apis') return undefined
  const items = (root === 'api' ? [''] : GROUPS).map((group) => ({
    metadata: group === '' ? {} : { name: group },
    versions: versionsOf(group).map((version) => ({
      version,
      resources: aggregatedResources(group, version),
      freshness: 'Current',
    })),
  }))
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items }
}

function aggregatedResources(group: string, version: string): readonly object[] {
  const entries = resourcesOf(group, version)
  const responseKind = ({ group = '', version = '', kind }: Entry): object => ({ group, version, kind })
  return entries
    .filter((each) => !each.name.includes('/'))
    .map((each) => {
      const subresources = entries
        .filter(({ name }) => name.startsWith(`${each.name}/`))
        .map((sub) => ({ subresource: sub.name.slice(each.name.length + 1), responseKind: responseKind(sub), verbs: sub.verbs }))
      return {
        resource: each.name,
        responseKind: responseKind(each),
        scope: each.namespaced ? 'Namespaced' : 'Cluster',
        singularResource: each.singularName,
        verbs: each.verbs,
        ...(each.shortNames === undefined ? {} : { shortNames: each.shortNames }),
        ...(each.categories === undefined ? {} : { categories: each.categories }),
        ...(subresources.length === 0 ? {} : { subresources }),
      }
    })
}

/** Source: apiserver pkg/endpoints/discovery/storageversionhash.go */
function storageHash(info: Pick<ResourceInfo, 'group' | 'version' | 'kind'>): string {
  return toBase64Bytes([...sha256(`${info.group}/${info.version}/${info.kind}`)].slice(0, 8))
}
