import type { NodeSelectorTerm, Volume } from '../../generated/kubeTypes.js'
import { isRecord } from '../../scenario/index.js'
import type { StoredOf } from '../../sim/index.js'
import { accessModesText, byCodeUnit, own } from '../../sim/index.js'
import { ageOf } from '../text/duration.js'
import type { DescribeContext } from './common.js'
import { writeAnnotations, writeEvents, writeLabels } from './common.js'
import type { DescribeWriter } from './writer.js'

/** Source: kubernetes kubectl pkg/describe/describe.go describeVolumes */
export function writeVolumes(w: DescribeWriter, volumes: readonly Volume[] | undefined, space: string): void {
  if (volumes === undefined || volumes.length === 0) {
    w.line(0, `${space}Volumes:\t<none>`)
    return
  }
  w.line(0, `${space}Volumes:`)
  for (const volume of volumes) {
    w.line(1, `${space === '' ? '' : ' '}${volume.name}:`)
    writeVolumeSource(w, volume)
  }
}

/** A field as it is shown: its title, where it stands, and what is said where it is not. */
type Shown = readonly [title: string, path: string, otherwise?: string]

interface Source {
  readonly type: string
  readonly shown: readonly Shown[]
  /** Shown last, one attribute a line. */
  readonly attributes?: string
}

/** Labels that the real one writes without a colon, or with a space. */
const ODD_LABELS: Readonly<Record<string, string>> = { ISCSIInterface: 'ISCSIInterface', Kind: 'Kind: ' }

const FS: Shown = ['FSType', 'fsType']
const READ_ONLY: Shown = ['ReadOnly', 'readOnly', 'false']
const OPTIONAL: Shown = ['Optional', 'optional', 'false']
const SECRET_REF: Shown = ['SecretRef', 'secretRef', 'nil']

/** A volume's kind in words and the fields that are shown of it, by its name. */
const SOURCES: Readonly<Record<string, Source>> = {
  hostPath: source('HostPath (bare host directory volume)', ['Path', 'path'], ['HostPathType', 'type', '<none>']),
  emptyDir: source(
    "EmptyDir (a temporary directory that shares a pod's lifetime)",
    ['Medium', 'medium'],
    ['SizeLimit', 'sizeLimit', '<unset>'],
  ),
  gcePersistentDisk: source(
    'GCEPersistentDisk (a Persistent Disk resource in Google Compute Engine)',
    ['PDName', 'pdName'],
    FS,
    ['Partition', 'partition', '0'],
    READ_ONLY,
  ),
  awsElasticBlockStore: source(
    'AWSElasticBlockStore (a Persistent Disk resource in AWS)',
    ['VolumeID', 'volumeID'],
    FS,
    ['Partition', 'partition', '0'],
    READ_ONLY,
  ),
  gitRepo: source(
    'GitRepo (a volume that is pulled from git when the pod is created)',
    ['Repository', 'repository'],
    ['Revision', 'revision'],
  ),
  secret: source('Secret (a volume populated by a Secret)', ['SecretName', 'secretName'], OPTIONAL),
  configMap: source('ConfigMap (a volume populated by a ConfigMap)', ['Name', 'name'], OPTIONAL),
  nfs: source('NFS (an NFS mount that lasts the lifetime of a pod)', ['Server', 'server'], ['Path', 'path'], READ_ONLY),
  iscsi: source(
    "ISCSI (an ISCSI Disk resource that is attached to a kubelet's host machine and then exposed to the pod)",
    ['TargetPortal', 'targetPortal'],
    ['IQN', 'iqn'],
    ['Lun', 'lun', '0'],
    ['ISCSIInterface', 'iscsiInterface'],
    FS,
    READ_ONLY,
    ['Portals', 'portals', '[]'],
    ['DiscoveryCHAPAuth', 'chapAuthDiscovery', 'false'],
    ['SessionCHAPAuth', 'chapAuthSession', 'false'],
    SECRET_REF,
    ['InitiatorName', 'initiatorName', '<none>'],
  ),
  glusterfs: source(
    "Glusterfs (a Glusterfs mount on the host that shares a pod's lifetime)",
    ['EndpointsName', 'endpoints'],
    ['Path', 'path'],
    READ_ONLY,
  ),
  persistentVolumeClaim: source(
    'PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)',
    ['ClaimName', 'claimName'],
    READ_ONLY,
  ),
  rbd: source(
    "RBD (a Rados Block Device mount on the host that shares a pod's lifetime)",
    ['CephMonitors', 'monitors', '[]'],
    ['RBDImage', 'image'],
    FS,
    ['RBDPool', 'pool'],
    ['RadosUser', 'user'],
    ['Keyring', 'keyring'],
    SECRET_REF,
    READ_ONLY,
  ),
  vsphereVolume: source('vSphereVolume (a Persistent Disk resource in vSphere)', ['VolumePath', 'volumePath'], FS, [
    'StoragePolicyName',
    'storagePolicyName',
  ]),
  cinder: source('Cinder (a Persistent Disk resource in OpenStack)', ['VolumeID', 'volumeID'], FS, READ_ONLY, SECRET_REF),
  azureDisk: source(
    'AzureDisk (an Azure Data Disk mount on the host and bind mount to the pod)',
    ['DiskName', 'diskName'],
    ['DiskURI', 'diskURI'],
    ['Kind', 'kind', 'Shared'],
    ['FSType', 'fsType', 'ext4'],
    ['CachingMode', 'cachingMode', 'ReadWrite'],
    READ_ONLY,
  ),
  azureFile: source(
    'AzureFile (an Azure File Service mount on the host and bind mount to the pod)',
    ['SecretName', 'secretName'],
    ['ShareName', 'shareName'],
    READ_ONLY,
  ),
  portworxVolume: source('PortworxVolume (a Portworx Volume resource)', ['VolumeID', 'volumeID']),
  fc: source('FC (a Fibre Channel disk)', ['TargetWWNs', 'targetWWNs'], ['LUN', 'lun', '<none>'], FS, READ_ONLY),
  csi: {
    ...source('CSI (a Container Storage Interface (CSI) volume source)', ['Driver', 'driver'], FS, READ_ONLY),
    attributes: 'volumeAttributes',
  },
  local: source('LocalVolume (a persistent volume backed by local storage on a node)', ['Path', 'path']),
  image: source('Image (a container image or OCI artifact)', ['Reference', 'reference'], ['PullPolicy', 'pullPolicy']),
}

function source(type: string, ...shown: readonly Shown[]): Source {
  return { type, shown }
}

/** What a volume is made of; also of a PersistentVolume, whose sources have the same names. */
type VolumeSource = { readonly [field in keyof Volume | 'local']?: unknown } & Pick<
  Partial<Volume>,
  'projected' | 'downwardAPI' | 'ephemeral'
>

export function writeVolumeSource(w: DescribeWriter, volume: VolumeSource): void {
  const [name, value] =
    Object.entries(volume).find(([field, each]) => each !== undefined && own(SOURCES, field) !== undefined) ?? []
  const found = name === undefined ? undefined : own(SOURCES, name)
  if (found !== undefined) writeFields(w, found, isRecord(value) ? value : {})
  else if (volume.projected !== undefined) writeProjected(w, volume.projected)
  else if (volume.ephemeral !== undefined) writeEphemeral(w, volume.ephemeral.volumeClaimTemplate)
  else if (volume.downwardAPI !== undefined) {
    w.line(2, 'Type:\tDownwardAPI (a volume populated by information about the pod)\n    Items:')
    for (const item of volume.downwardAPI.items ?? []) {
      w.line(3, `${item.fieldRef?.fieldPath ?? item.resourceFieldRef?.resource ?? ''} -> ${item.path}`)
    }
  } else w.line(1, '<unknown>')
}

function writeFields(w: DescribeWriter, { type, shown, attributes }: Source, value: Readonly<Record<string, unknown>>): void {
  w.line(2, `Type:\t${type}`)
  const isPersistent = value['volumeHandle'] !== undefined
  for (const [title, path, otherwise = ''] of shown) {
    if (path === 'readOnly' && isPersistent) w.line(2, `VolumeHandle:\t${String(value['volumeHandle'])}`)
    const label = own(ODD_LABELS, title) ?? `${title}:`
    w.line(2, `${label}\t${fieldText(value[path], otherwise, path)}`)
  }
  if (attributes === undefined) return
  const given = value[attributes]
  const lines = isRecord(given)
    ? Object.keys(given)
        .sort(byCodeUnit)
        .map((key) => `${key}=${String(given[key])}`)
    : []
  if (lines.length === 0) w.line(2, 'VolumeAttributes:\t<none>')
  for (const [index, line] of lines.entries()) {
    const text = line.length > MAX_ATTRIBUTE ? `${line.slice(0, MAX_ATTRIBUTE)}...` : line
    // The real one indents what follows the title once more.
    w.line(2, index === 0 ? `VolumeAttributes:\t    ${text}` : `\t    ${text}`)
  }
}

const MAX_ATTRIBUTE = 140

/** As Go prints a value: lists in brackets, a reference to a Secret as a pointer to its struct. */
function fieldText(value: unknown, otherwise: string, path: string): string {
  if (value === undefined) return otherwise
  if (Array.isArray(value)) {
    const texts = value.map(String)
    return path === 'targetWWNs' ? texts.join(', ') : `[${texts.join(' ')}]`
  }
  return isRecord(value) ? `&LocalObjectReference{Name:${String(value['name'])},}` : String(value)
}

/** Source: kubernetes kubectl pkg/describe/describe.go printPersistentVolumeClaim */
function writeEphemeral(w: DescribeWriter, template: NonNullable<Volume['ephemeral']>['volumeClaimTemplate']): void {
  const type = 'EphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)'
  w.line(2, `Type:\t${type}`)
  if (template === undefined) return
  const { spec, metadata } = template
  w.line(2, `StorageClass:\t${spec.storageClassName ?? ''}`)
  w.line(2, `Volume:\t${spec.volumeName ?? ''}`)
  writeLabels(w, '    Labels', metadata?.labels)
  writeAnnotations(w, '    Annotations', metadata?.annotations)
  w.line(2, 'Capacity:\t')
  w.line(2, 'Access Modes:\t')
  if (spec.volumeMode !== undefined) w.line(2, `VolumeMode:\t${spec.volumeMode}`)
}

function writeProjected(w: DescribeWriter, projected: NonNullable<Volume['projected']>): void {
  w.line(2, 'Type:\tProjected (a volume that contains injected data from multiple sources)')
  for (const source of projected.sources ?? []) {
    if (source.secret !== undefined) {
      w.line(2, `SecretName:\t${source.secret.name ?? ''}`)
      w.line(2, `Optional:\t${source.secret.optional ?? false}`)
    } else if (source.downwardAPI !== undefined) {
      w.line(2, 'DownwardAPI:\ttrue')
    } else if (source.configMap !== undefined) {
      w.line(2, `ConfigMapName:\t${source.configMap.name ?? ''}`)
      w.line(2, `Optional:\t${source.configMap.optional ?? false}`)
    } else if (source.serviceAccountToken !== undefined) {
      w.line(2, `TokenExpirationSeconds:\t${source.serviceAccountToken.expirationSeconds ?? 3600}`)
    }
  }
}

/** Source: kubernetes kubectl pkg/describe/describe.go describePersistentVolume */
export function describeVolume(volume: StoredOf<'persistentvolumes'>, context: DescribeContext, w: DescribeWriter): void {
  const { metadata, spec, status } = volume
  w.line(0, `Name:\t${metadata.name}`)
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  w.line(0, `Finalizers:\t[${(metadata.finalizers ?? []).join(' ')}]`)
  w.line(0, `StorageClass:\t${spec?.storageClassName ?? ''}`)
  if (metadata.deletionTimestamp === undefined) w.line(0, `Status:\t${status?.phase ?? ''}`)
  else w.line(0, `Status:\tTerminating (lasts ${ageOf(metadata.deletionTimestamp, context.now)})`)
  const claim = spec?.claimRef
  w.line(0, `Claim:\t${claim === undefined ? '' : `${claim.namespace ?? ''}/${claim.name ?? ''}`}`)
  w.line(0, `Reclaim Policy:\t${spec?.persistentVolumeReclaimPolicy ?? ''}`)
  w.line(0, `Access Modes:\t${accessModesText(spec?.accessModes)}`)
  if (spec?.volumeMode !== undefined) w.line(0, `VolumeMode:\t${spec.volumeMode}`)
  w.line(0, `Capacity:\t${String(spec?.capacity?.['storage'] ?? '0')}`)
  writeNodeAffinity(w, spec?.nodeAffinity?.required?.nodeSelectorTerms)
  w.line(0, `Message:\t${status?.message ?? ''}`)
  w.line(0, 'Source:')
  writeVolumeSource(w, spec ?? {})
  writeEvents(w, context, volume)
}

function writeNodeAffinity(w: DescribeWriter, terms: readonly NodeSelectorTerm[] | undefined): void {
  if (terms === undefined) {
    w.line(0, 'Node Affinity:\t<none>')
    return
  }
  w.line(0, 'Node Affinity:\t')
  w.line(1, `Required Terms:\t${terms.length === 0 ? '<none>' : ''}`)
  for (const [index, { matchExpressions = [] }] of terms.entries()) {
    w.write(2, `Term ${index}:\t`)
    if (matchExpressions.length === 0) w.line(0, '<none>')
    for (const [at, { key, operator, values = [] }] of matchExpressions.entries()) {
      const listed = values.length === 0 ? '' : ` [${values.join(', ')}]`
      if (at > 0) w.write(2, '\t')
      w.line(0, `${key} ${operator.toLowerCase()}${listed}`)
    }
  }
}
