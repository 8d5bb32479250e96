import type {
  ClusterRole,
  ClusterRoleBinding,
  ConfigMap,
  LimitRange,
  PersistentVolume,
  PersistentVolumeClaim,
  PodDisruptionBudget,
  ResourceQuota,
  Role,
  RoleBinding,
  Secret,
  ServiceAccount,
  StorageClass,
} from '../../generated/kubeTypes.js'
import { byCodeUnit, own } from '../../sim/index.js'
import { ageOf } from '../text/duration.js'
import type { TableKind } from './tableKind.js'
import { columns } from './tableKind.js'

export const configMapTable: TableKind<ConfigMap> = {
  columns: columns('Name', 'Data', 'Age'),
  row: ({ metadata, data = {}, binaryData = {} }, { now }) => [
    metadata?.name ?? '',
    Object.keys(data).length + Object.keys(binaryData).length,
    ageOf(metadata?.creationTimestamp, now),
  ],
}

export const secretTable: TableKind<Secret> = {
  columns: columns('Name', 'Type', 'Data', 'Age'),
  row: ({ metadata, type, data = {} }, { now }) => [
    metadata?.name ?? '',
    type ?? '',
    Object.keys(data).length,
    ageOf(metadata?.creationTimestamp, now),
  ],
}

export const serviceAccountTable: TableKind<ServiceAccount> = {
  columns: columns('Name', 'Secrets', 'Age'),
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

export const claimTable: TableKind<PersistentVolumeClaim> = {
  columns: columns(
    'Name',
    'Status',
    'Volume',
    'Capacity',
    'Access Modes',
    'StorageClass',
    'VolumeAttributesClass',
    'Age',
    'VolumeMode*',
  ),
  row: ({ metadata, spec, status }, { now }) => {
    const isBound = spec?.volumeName !== undefined && spec.volumeName !== ''
    return [
      metadata?.name ?? '',
      metadata?.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating',
      spec?.volumeName ?? '',
      isBound ? String(status?.capacity?.['storage'] ?? '') : '',
      isBound ? accessModesText(status?.accessModes) : '',
      spec?.storageClassName ?? '',
      spec?.volumeAttributesClassName ?? '<unset>',
      ageOf(metadata?.creationTimestamp, now),
      spec?.volumeMode ?? '<unset>',
    ]
  },
}

export const volumeTable: TableKind<PersistentVolume> = {
  columns: columns(
    'Name',
    'Capacity',
    'Access Modes',
    'Reclaim Policy',
    'Status',
    'Claim',
    'StorageClass',
    'VolumeAttributesClass',
    'Reason',
    'Age',
    'VolumeMode*',
  ),
  row: ({ metadata, spec, status }, { now }) => [
    metadata?.name ?? '',
    String(spec?.capacity?.['storage'] ?? ''),
    accessModesText(spec?.accessModes),
    spec?.persistentVolumeReclaimPolicy ?? '',
    metadata?.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating',
    spec?.claimRef === undefined ? '' : `${spec.claimRef.namespace}/${spec.claimRef.name}`,
    spec?.storageClassName ?? '',
    spec?.volumeAttributesClassName ?? '<unset>',
    status?.reason ?? '',
    ageOf(metadata?.creationTimestamp, now),
    spec?.volumeMode ?? '<unset>',
  ],
}

export const storageClassTable: TableKind<StorageClass> = {
  columns: columns('Name', 'Provisioner', 'ReclaimPolicy', 'VolumeBindingMode', 'AllowVolumeExpansion', 'Age'),
  row: ({ metadata, provisioner, reclaimPolicy, volumeBindingMode, allowVolumeExpansion }, { now }) => {
    const isDefault = metadata?.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true'
    return [
      `${metadata?.name ?? ''}${isDefault ? ' (default)' : ''}`,
      provisioner,
      reclaimPolicy ?? 'Delete',
      volumeBindingMode ?? '<unset>',
      allowVolumeExpansion ?? false,
      ageOf(metadata?.creationTimestamp, now),
    ]
  },
}

export const quotaTable: TableKind<ResourceQuota> = {
  columns: columns('Name', 'Request', 'Limit', 'Age'),
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
  columns: columns('Name', 'Min Available', 'Max Unavailable', 'Allowed Disruptions', 'Age'),
  row: ({ metadata, spec, status }, { now }) => [
    metadata?.name ?? '',
    String(spec?.minAvailable ?? 'N/A'),
    String(spec?.maxUnavailable ?? 'N/A'),
    status?.disruptionsAllowed ?? 0,
    ageOf(metadata?.creationTimestamp, now),
  ],
}

/** Kinds of which only the name and the moment of creation are shown. */
export const createdAtTable: TableKind<LimitRange | Role | ClusterRole> = {
  columns: columns('Name', 'Created At'),
  row: ({ metadata }) => [metadata?.name ?? '', metadata?.creationTimestamp ?? '<unknown>'],
}

export const roleBindingTable: TableKind<RoleBinding | ClusterRoleBinding> = {
  columns: columns('Name', 'Role', 'Age', 'Users*', 'Groups*', 'ServiceAccounts*'),
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
