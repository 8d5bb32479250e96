import type { PodSpec } from '../../../../generated/kubeTypes.js'
import type { Draft } from '../draft.js'
import type { Faults } from './faults.js'

const OF_POD = ['hostUsers', 'hostPID', 'hostIPC', 'shareProcessNamespace'] as const
const OF_CONTEXT = [
  'seLinuxOptions',
  'seccompProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
  'supplementalGroupsPolicy',
] as const
const OF_CONTAINER = [
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
] as const

/** What the other system alone knows. Source: kubernetes pkg/apis/core/validation/validation.go validateWindows, validateLinux */
export function validateSystem(faults: Faults, field: string, spec: Draft<PodSpec>): void {
  const system = spec.os?.name
  const contexts = (['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap((group) =>
    (spec[group] ?? []).map(
      (each, index) => [`${field}.${group}[${index}].securityContext`, each.securityContext ?? {}] as const,
    ),
  )
  if (system === 'linux') {
    const why = 'windows options cannot be set for a linux pod'
    for (const [path, context] of [[`${field}.securityContext`, spec.securityContext ?? {}] as const, ...contexts])
      if (context.windowsOptions !== undefined) faults.forbidden(`${path}.windowsOptions`, why)
  }
  if (system !== 'windows') return
  const forbid = (path: string, holder: Readonly<Record<string, unknown>>, names: readonly string[]): void => {
    for (const name of names) {
      const value = holder[name]
      const isSet = Array.isArray(value) ? value.length > 0 : value !== undefined
      if (isSet) faults.forbidden(`${path}.${name}`, 'cannot be set for a windows pod')
    }
  }
  forbid(field, { ...spec, hostPID: spec.hostPID === true || undefined, hostIPC: spec.hostIPC === true || undefined }, OF_POD)
  forbid(`${field}.securityContext`, { ...spec.securityContext }, OF_CONTEXT)
  for (const [path, context] of contexts) forbid(path, { ...context }, OF_CONTAINER)
}
