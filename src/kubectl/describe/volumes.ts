import type { Volume } from '../../generated/kubeTypes.js'
import { isRecord } from '../../scenario/index.js'
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
  readonly field: keyof Volume
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
    field: 'image',
    type: 'Image (a container image or OCI artifact)',
    shown: [
      ['Reference', 'reference', ''],
      ['PullPolicy', 'pullPolicy', ''],
    ],
  },
]

export function writeVolumeSource(w: DescribeWriter, volume: Omit<Volume, 'name'>): void {
  const source = SOURCES.find(({ field }) => volume[field as keyof Omit<Volume, 'name'>] !== undefined)
  if (source !== undefined) {
    const value: unknown = volume[source.field as keyof Omit<Volume, 'name'>]
    w.line(2, `Type:\t${source.type}`)
    for (const [title, path, otherwise] of source.shown) {
      const field = isRecord(value) ? value[path] : undefined
      w.line(2, `${title}:\t${field === undefined || field === '' ? otherwise : String(field)}`)
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
