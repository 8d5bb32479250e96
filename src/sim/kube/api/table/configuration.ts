import type {
  ClusterRoleBinding,
  ConfigMap,
  ObjectMeta,
  PersistentVolume,
  PersistentVolumeClaim,
  PodDisruptionBudget,
  ResourceQuota,
  RoleBinding,
  Secret,
  ServiceAccount,
  StorageClass,
} from '../../../../generated/kubeTypes.js'
import { byCodeUnit } from '../../../core/digest.js'
import { own } from '../../../core/own.js'
import type { KubeObject } from '../resources.js'
import { ageOf } from './duration.js'
import type { TableKind } from './tableKind.js'

export const configMapTable: TableKind<ConfigMap> = {
  row: ({ metadata, data = {}, binaryData = {} }, { now }) => [
    metadata?.name ?? '',
    Object.keys(data).length + Object.keys(binaryData).length,
    ageOf(metadata?.creationTimestamp, now),
  ],
}

export const secretTable: TableKind<Secret> = {
  row: ({ metadata, type, data = {} }, { now }) => [
    metadata?.name ?? '',
    type ?? '',
    Object.keys(data).length,
    ageOf(metadata?.creationTimestamp, now),
  ],
}

export const serviceAccountTable: TableKind<ServiceAccount> = {
  row: ({ metadata, secrets = [] }, { now }) => [metadata?.name ?? '', secrets.length, ageOf(metadata?.creationTimestamp, now)],
}

const ACCESS_MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
}

/** Source: kubernetes pkg/apis/core/v1/helper/helpers.go GetAccessModesAsString */
export function accessModesText(modes: readonly string[] | undefined): string {
  return Object.keys(ACCESS_MODES)
    .filter((mode) => modes?.includes(mode))
    .map((mode) => own(ACCESS_MODES, mode))
    .join(',')
}

/** Storage class, the old annotation first. Source: kubernetes pkg/apis/core/v1/helper/helpers.go GetPersistentVolumeClaimClass */
function classOf(metadata: ObjectMeta | undefined, spec: { readonly storageClassName?: string } | undefined): string {
  return metadata?.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? spec?.storageClassName ?? ''
}

export const claimTable: TableKind<PersistentVolumeClaim> = {
  row: ({ metadata, spec, status }, { now }) => {
    const isBound = spec?.volumeName !== undefined && spec.volumeName !== ''
    return [
      metadata?.name ?? '',
      metadata?.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating',
      spec?.volumeName ?? '',
      isBound ? String(status?.capacity?.['storage'] ?? '0') : '',
      isBound ? accessModesText(status?.accessModes) : '',
      classOf(metadata, spec),
      spec?.volumeAttributesClassName ?? '<unset>',
      ageOf(metadata?.creationTimestamp, now),
      spec?.volumeMode ?? '<unset>',
    ]
  },
}

export const volumeTable: TableKind<PersistentVolume> = {
  row: ({ metadata, spec, status }, { now }) => [
    metadata?.name ?? '',
    String(spec?.capacity?.['storage'] ?? '0'),
    accessModesText(spec?.accessModes),
    spec?.persistentVolumeReclaimPolicy ?? '',
    metadata?.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating',
    spec?.claimRef === undefined ? '' : `${spec.claimRef.namespace}/${spec.claimRef.name}`,
    classOf(metadata, spec),
    spec?.volumeAttributesClassName ?? '<unset>',
    status?.reason ?? '',
    ageOf(metadata?.creationTimestamp, now),
    spec?.volumeMode ?? '<unset>',
  ],
}

/** Source: kubernetes pkg/apis/storage/util/helpers.go IsDefaultAnnotation */
const DEFAULT_CLASS_ANNOTATIONS = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
]

export const storageClassTable: TableKind<StorageClass> = {
  row: ({ metadata, provisioner, reclaimPolicy, volumeBindingMode, allowVolumeExpansion }, { now }) => {
    const isDefault = DEFAULT_CLASS_ANNOTATIONS.some((each) => metadata?.annotations?.[each] === 'true')
    return [
      `${metadata?.name ?? ''}${isDefault ? ' (default)' : ''}`,
      provisioner,
      reclaimPolicy ?? 'Delete',
      volumeBindingMode ?? 'Immediate',
      allowVolumeExpansion ?? false,
      ageOf(metadata?.creationTimestamp, now),
    ]
  },
}

export const quotaTable: TableKind<ResourceQuota> = {
  row: ({ metadata, status }, { now }) => {
    const hard = Object.entries(status?.hard ?? {}).sort(([a], [b]) => byCodeUnit(a, b))
    const line = ([name, limit]: readonly [string, unknown]): string =>
      `${name}: ${String(own(status?.used, name) ?? '0')}/${String(limit)}`
    const isLimit = ([name]: readonly [string, unknown]): boolean => name.startsWith('limits')
    return [
      metadata?.name ?? '',
      hard
        .filter((each) => !isLimit(each))
        .map(line)
        .join(', '),
      hard.filter(isLimit).map(line).join(', '),
      ageOf(metadata?.creationTimestamp, now),
    ]
  },
}

export const budgetTable: TableKind<PodDisruptionBudget> = {
  row: ({ metadata, spec, status }, { now }) => [
    metadata?.name ?? '',
    String(spec?.minAvailable ?? 'N/A'),
    String(spec?.maxUnavailable ?? 'N/A'),
    status?.disruptionsAllowed ?? 0,
    ageOf(metadata?.creationTimestamp, now),
  ],
}

/** Kinds of which only the name and the moment of creation are shown. Source: apiserver pkg/registry/rest/table.go defaultTableConvertor */
export const createdAtTable: TableKind<KubeObject> = {
  row: ({ metadata }) => [metadata?.name ?? '', metadata?.creationTimestamp ?? '<unknown>'],
}

export const roleBindingTable: TableKind<RoleBinding | ClusterRoleBinding> = {
  row: ({ metadata, roleRef, subjects = [] }, { now }) => {
    const named = (kind: string): string =>
      subjects
        .filter((each) => each.kind === kind)
        .map((each) => each.name)
        .join(', ')
    const accounts = subjects.filter((each) => each.kind === 'ServiceAccount').map((each) => `${each.namespace}/${each.name}`)
    return [
      metadata?.name ?? '',
      `${roleRef.kind}/${roleRef.name}`,
      ageOf(metadata?.creationTimestamp, now),
      named('User'),
      named('Group'),
      accounts.join(', '),
    ]
  },
}
