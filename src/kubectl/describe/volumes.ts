import type { NodeSelectorTerm, Volume } from '../../generated/kubeTypes.js'
import { isRecord } from '../../scenario/index.js'
import type { StoredOf } from '../../sim/index.js'
import { accessModesText } from '../../sim/index.js'
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

/** A volume's kind in words and the fields that are shown of it. */
const SOURCES: readonly {
  readonly field: keyof Volume | 'local'
  readonly type: string
  readonly shown: readonly (readonly [title: string, path: string, otherwise: string])[]
}[] = [
  {
    field: 'hostPath',
    type: 'HostPath (bare host directory volume)',
    shown: [
      ['Path', 'path', ''],
      ['HostPathType', 'type', '<none>'],
    ],
  },
  {
    field: 'emptyDir',
    type: "EmptyDir (a temporary directory that shares a pod's lifetime)",
    shown: [
      ['Medium', 'medium', ''],
      ['SizeLimit', 'sizeLimit', '<unset>'],
    ],
  },
  {
    field: 'secret',
    type: 'Secret (a volume populated by a Secret)',
    shown: [
      ['SecretName', 'secretName', ''],
      ['Optional', 'optional', 'false'],
    ],
  },
  {
    field: 'configMap',
    type: 'ConfigMap (a volume populated by a ConfigMap)',
    shown: [
      ['Name', 'name', ''],
      ['Optional', 'optional', 'false'],
    ],
  },
  {
    field: 'nfs',
    type: 'NFS (an NFS mount that lasts the lifetime of a pod)',
    shown: [
      ['Server', 'server', ''],
      ['Path', 'path', ''],
      ['ReadOnly', 'readOnly', 'false'],
    ],
  },
  {
    field: 'persistentVolumeClaim',
    type: 'PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)',
    shown: [
      ['ClaimName', 'claimName', ''],
      ['ReadOnly', 'readOnly', 'false'],
    ],
  },
  {
    field: 'csi',
    type: 'CSI (a Container Storage Interface (CSI) volume source)',
    shown: [
      ['Driver', 'driver', ''],
      ['FSType', 'fsType', ''],
      ['ReadOnly', 'readOnly', 'false'],
    ],
  },
  {
    field: 'local',
    type: 'LocalVolume (a persistent volume backed by local storage on a node)',
    shown: [['Path', 'path', '']],
  },
  {
    field: 'image',
    type: 'Image (a container image or OCI artifact)',
    shown: [
      ['Reference', 'reference', ''],
      ['PullPolicy', 'pullPolicy', ''],
    ],
  },
]

/** What a volume is made of; also of a PersistentVolume, whose sources have the same names. */
type VolumeSource = { readonly [field in keyof Volume | 'local']?: unknown } & Pick<Partial<Volume>, 'projected' | 'downwardAPI'>

export function writeVolumeSource(w: DescribeWriter, volume: VolumeSource): void {
  const source = SOURCES.find(({ field }) => volume[field] !== undefined)
  if (source !== undefined) {
    const value: unknown = volume[source.field]
    w.line(2, `Type:\t${source.type}`)
    for (const [title, path, otherwise] of source.shown) {
      const field = isRecord(value) ? value[path] : undefined
      w.line(2, `${title}:\t${field === undefined ? otherwise : String(field)}`)
    }
  } else if (volume.projected !== undefined) {
    writeProjected(w, volume.projected)
  } else if (volume.downwardAPI !== undefined) {
    w.line(2, 'Type:\tDownwardAPI (a volume populated by information about the pod)\n    Items:')
    for (const item of volume.downwardAPI.items ?? []) {
      w.line(3, `${item.fieldRef?.fieldPath ?? item.resourceFieldRef?.resource ?? ''} -> ${item.path}`)
    }
  } else {
    w.line(1, '<unknown>')
  }
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
