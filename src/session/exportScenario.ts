import { parseAllDocuments, stringify } from 'yaml'
import type { ScenarioInput } from '../scenario/index.js'
import type { KubeObject, ResourceName, StoredOf } from '../sim/index.js'
import { listStoredOf, RESOURCE_LIST } from '../sim/index.js'
import type { Session } from './session.js'

/** What the cluster itself makes and keeps: it comes again by itself. */
const MADE_BY_CLUSTER: ReadonlySet<string> = new Set<ResourceName>([
  'bindings',
  'controllerrevisions',
  'endpoints',
  'endpointslices',
  'events',
  'leases',
  'nodes',
])

const SYSTEM_NAMESPACES: ReadonlySet<string> = new Set(['kube-system', 'kube-public', 'kube-node-lease'])
const SYSTEM_OBJECTS: ReadonlySet<string> = new Set([
  'Namespace/default',
  'Service/kubernetes',
  'ServiceAccount/default',
  'ConfigMap/kube-root-ca.crt',
  'StorageClass/standard',
])

/** Fields of metadata that the API server gives out; a file that is to be applied again has none of them. */
const SERVER_FIELDS = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'managedFields',
  'selfLink',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
]
/** A volume that a provisioner made: it makes another one for the claim. */
const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by'
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

/**
 * The present cluster as a scenario file: what decided its layout as it was written, then every object that a person made, as it is now
 * and without what the server gave it. Applied to a fresh cluster it makes the same objects.
 */
export function exportScenario(session: Session, input: ScenarioInput): string {
  const { etcd } = session.history.world.parts
  const objects = RESOURCE_LIST.filter(({ resource }) => !MADE_BY_CLUSTER.has(resource)).flatMap(({ resource }) =>
    listStoredOf(etcd, resource).filter(isMadeByPerson).map(cleaned),
  )
  const written = objects.map((object) => stringify(object, { lineWidth: 0, indentSeq: false }))
  return [...layoutDocuments(input), ...written].join('---\n')
}

/** The documents that are no Kubernetes objects (Cluster, Scenario, configurations), as they were written. */
function layoutDocuments(input: ScenarioInput): readonly string[] {
  const isObject = new Set(input.objects.map(({ file, document }) => `${file}#${document}`))
  return input.files.flatMap(({ name, text }) => {
    const documents = parseAllDocuments(text)
    if (!Array.isArray(documents)) return []
    return documents.flatMap((document, index) =>
      document.contents === null || isObject.has(`${name}#${index}`)
        ? []
        : [document.toString({ lineWidth: 0 }).replace(/^---\n/, '')],
    )
  })
}

function isMadeByPerson({ kind, metadata }: StoredOf<ResourceName>): boolean {
  const { namespace = '', name, ownerReferences = [], annotations = {} } = metadata
  if (ownerReferences.length > 0 || SYSTEM_NAMESPACES.has(namespace) || SYSTEM_OBJECTS.has(`${kind}/${name}`)) return false
  if (kind === 'Namespace' && SYSTEM_NAMESPACES.has(name)) return false
  if (annotations[PROVISIONED_BY] !== undefined) return false
  return !name.startsWith('system:') && annotations['kubernetes.io/config.source'] === undefined && !isBootstrapped(kind, name)
}

/** Roles and classes that every cluster begins with. */
function isBootstrapped(kind: string, name: string): boolean {
  const roles = ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding']
  const builtIn = ['cluster-admin', 'admin', 'edit', 'view', 'kubeadm']
  return (
    (kind === 'PriorityClass' && name.startsWith('system-')) ||
    (roles.includes(kind) && builtIn.some((each) => name === each || name.startsWith(`${each}:`)))
  )
}

/** Annotations in which controllers keep their notes. */
const CONTROLLERS_OWN = [
  'deployment.kubernetes.io/',
  'pv.kubernetes.io/',
  'volume.kubernetes.io/',
  'volume.beta.kubernetes.io/storage-provisioner',
]
const STORAGE_PROVISIONER = 'volume.kubernetes.io/storage-provisioner'

/** A claim gets a volume of its own again where the file is applied. */
function unboundClaim(claim: Omit<KubeObject, 'status' | 'metadata'>): typeof claim {
  const { volumeName: _volume, ...spec } = (claim['spec'] ?? {}) as Readonly<Record<string, unknown>>
  return { ...claim, spec }
}

function cleaned(object: StoredOf<ResourceName>): Record<string, unknown> {
  // Any stored object is a KubeObject; only its fields' names are of interest here.
  const { status: _status, metadata, ...rest } = object as unknown as KubeObject
  const kept = Object.entries(metadata).filter(([field]) => !SERVER_FIELDS.includes(field) && field !== 'annotations')
  const annotations = Object.entries(metadata.annotations ?? {}).filter(
    ([name]) => name !== LAST_APPLIED && !CONTROLLERS_OWN.some((each) => name.startsWith(each)),
  )
  const { apiVersion, kind, ...fields } = metadata.annotations?.[STORAGE_PROVISIONER] === undefined ? rest : unboundClaim(rest)
  return {
    apiVersion,
    kind,
    metadata: {
      ...Object.fromEntries(kept),
      ...(annotations.length > 0 ? { annotations: Object.fromEntries(annotations) } : {}),
    },
    ...fields,
  }
}
