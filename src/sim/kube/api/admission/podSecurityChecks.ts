import type { Container, PodSpec } from '../../../../generated/kubeTypes.js'
import { byCodeUnit } from '../../../core/digest.js'
import type { Draft } from '../draft.js'

export const PodSecurityLevels = ['privileged', 'baseline', 'restricted'] as const
export type PodSecurityLevel = (typeof PodSecurityLevels)[number]

type Spec = Draft<PodSpec>
type AnyContainer = Draft<Container>

interface Violation {
  readonly reason: string
  readonly detail: string
}

type Check = (spec: Spec, containers: readonly AnyContainer[]) => Violation | undefined

/**
 * What of a Pod a level forbids, in the words of the admission plugin; empty when nothing.
 *
 * @param short names the reasons alone, as warnings about Pods that are there already do.
 * Source: k8s.io/pod-security-admission policy/registry.go, policy/check_*.go
 */
export function violationsOf(level: PodSecurityLevel, spec: Spec, short = false): string {
  if (level === 'privileged') return ''
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])]
  const overridden = level === 'restricted' ? OVERRIDDEN : []
  const checks = [
    ...Object.entries(BASELINE).filter(([id]) => !overridden.includes(id)),
    ...(level === 'restricted' ? Object.entries(RESTRICTED) : []),
  ]
  return checks
    .flatMap(([, check]) => check(spec, containers) ?? [])
    .map(({ reason, detail }) => (short || detail === '' ? reason : `${reason} (${detail})`))
    .join(', ')
}

/** Checks of the baseline that a stricter one of the same thing stands for. */
const OVERRIDDEN = ['capabilities_baseline', 'hostPathVolumes', 'seccompProfile_baseline']

function quoted(names: readonly string[]): string {
  return names.map((each) => `"${each}"`).join(', ')
}

function plural(word: string, count: number): string {
  return count === 1 ? word : `${word}s`
}

/** `container "a"`, `containers "a", "b"`. */
function named(containers: readonly AnyContainer[], word = 'container'): string {
  return `${plural(word, containers.length)} ${quoted(containers.map((each) => each.name ?? ''))}`
}

function containersThat(
  containers: readonly AnyContainer[],
  reason: string,
  picks: (container: AnyContainer) => boolean,
  tail: string,
): Violation | undefined {
  const bad = containers.filter(picks)
  return bad.length === 0 ? undefined : { reason, detail: `${named(bad)} ${tail}` }
}

const DEFAULT_CAPABILITIES = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]

const SAFE_SYSCTLS = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
]

const SELINUX_TYPES = ['', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t']

/** By the ids of upstream's checks, in their order. */
const BASELINE: Readonly<Record<string, Check>> = {
  capabilities_baseline: (_, containers) => {
    const added = (each: AnyContainer): string[] =>
      (each.securityContext?.capabilities?.add ?? []).flatMap((name) =>
        name === undefined || DEFAULT_CAPABILITIES.includes(name) ? [] : [name],
      )
    const bad = containers.filter((each) => added(each).length > 0)
    if (bad.length === 0) return undefined
    const names = [...new Set(bad.flatMap(added))].sort(byCodeUnit)
    return {
      reason: 'non-default capabilities',
      detail: `${named(bad)} must not include ${quoted(names)} in securityContext.capabilities.add`,
    }
  },
  hostNamespaces: (spec) => {
    const used = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((each) => spec[each] === true)
    return used.length === 0 ? undefined : { reason: 'host namespaces', detail: used.map((each) => `${each}=true`).join(', ') }
  },
  hostPathVolumes: (spec) => {
    const bad = (spec.volumes ?? []).filter((each) => each.hostPath !== undefined).map((each) => each.name ?? '')
    return bad.length === 0 ? undefined : { reason: 'hostPath volumes', detail: `${plural('volume', bad.length)} ${quoted(bad)}` }
  },
  hostPorts: (_, containers) => {
    const portsOf = (each: AnyContainer): number[] =>
      (each.ports ?? []).flatMap((port) => ((port.hostPort ?? 0) === 0 ? [] : [port.hostPort ?? 0]))
    const bad = containers.filter((each) => portsOf(each).length > 0)
    if (bad.length === 0) return undefined
    const ports = [...new Set(bad.flatMap(portsOf))].sort((a, b) => a - b)
    const uses = bad.length === 1 ? 'uses' : 'use'
    return { reason: 'hostPort', detail: `${named(bad)} ${uses} ${plural('hostPort', ports.length)} ${ports.join(', ')}` }
  },
  privileged: (_, containers) =>
    containersThat(
      containers,
      'privileged',
      (each) => each.securityContext?.privileged === true,
      'must not set securityContext.privileged=true',
    ),
  procMount: (_, containers) => {
    const bad = containers.filter((each) => (each.securityContext?.procMount ?? 'Default') !== 'Default')
    if (bad.length === 0) return undefined
    const values = [...new Set(bad.map((each) => each.securityContext?.procMount ?? ''))].sort(byCodeUnit)
    return { reason: 'procMount', detail: `${named(bad)} must not set securityContext.procMount to ${quoted(values)}` }
  },
  seLinuxOptions: (spec, containers) => {
    const isBad = (options: { readonly type?: string; readonly user?: string; readonly role?: string } | undefined): boolean =>
      options !== undefined &&
      (!SELINUX_TYPES.includes(options.type ?? '') || (options.user ?? '') !== '' || (options.role ?? '') !== '')
    const isPodBad = isBad(spec.securityContext?.seLinuxOptions as Parameters<typeof isBad>[0])
    const bad = containers.filter((each) => isBad(each.securityContext?.seLinuxOptions as Parameters<typeof isBad>[0]))
    if (!isPodBad && bad.length === 0) return undefined
    const who = [...(isPodBad ? ['pod'] : []), ...(bad.length > 0 ? [named(bad)] : [])].join(' and ')
    return { reason: 'seLinuxOptions', detail: `${who} set forbidden securityContext.seLinuxOptions` }
  },
  seccompProfile_baseline: (spec, containers) => {
    const isBad = (type: string | undefined): boolean => type !== undefined && type !== 'RuntimeDefault' && type !== 'Localhost'
    const own = spec.securityContext?.seccompProfile?.type
    const bad = containers.filter((each) => isBad(each.securityContext?.seccompProfile?.type))
    if (!isBad(own) && bad.length === 0) return undefined
    const who = [...(isBad(own) ? ['pod'] : []), ...(bad.length > 0 ? [named(bad)] : [])].join(' and ')
    return { reason: 'seccompProfile', detail: `${who} must not set securityContext.seccompProfile.type to "Unconfined"` }
  },
  sysctls: (spec) => {
    const bad = (spec.securityContext?.sysctls ?? [])
      .map((each) => each.name ?? '')
      .filter((each) => !SAFE_SYSCTLS.includes(each))
    return bad.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: bad.join(', ') }
  },
}

const ALLOWED_VOLUMES = [
  'name',
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
]

const RESTRICTED: Readonly<Record<string, Check>> = {
  allowPrivilegeEscalation: (_, containers) =>
    containersThat(
      containers,
      'allowPrivilegeEscalation != false',
      (each) => each.securityContext?.allowPrivilegeEscalation !== false,
      'must set securityContext.allowPrivilegeEscalation=false',
    ),
  capabilities_restricted: (_, containers) => {
    const undropped = containers.filter((each) => !(each.securityContext?.capabilities?.drop ?? []).includes('ALL'))
    const added = (each: AnyContainer): string[] =>
      (each.securityContext?.capabilities?.add ?? []).flatMap((name) =>
        name === undefined || name === 'NET_BIND_SERVICE' ? [] : [name],
      )
    const adding = containers.filter((each) => added(each).length > 0)
    const names = [...new Set(adding.flatMap(added))].sort(byCodeUnit)
    const details = [
      ...(undropped.length > 0 ? [`${named(undropped)} must set securityContext.capabilities.drop=["ALL"]`] : []),
      ...(adding.length > 0 ? [`${named(adding)} must not include ${quoted(names)} in securityContext.capabilities.add`] : []),
    ]
    return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') }
  },
  restrictedVolumes: (spec) => {
    const typeOf = (volume: object): string | undefined => Object.keys(volume).find((key) => !ALLOWED_VOLUMES.includes(key))
    const bad = (spec.volumes ?? []).filter((each) => typeOf(each) !== undefined)
    if (bad.length === 0) return undefined
    const types = [...new Set(bad.map((each) => typeOf(each) ?? ''))].sort(byCodeUnit)
    const uses = bad.length === 1 ? 'uses' : 'use'
    const names = bad.map((each) => each.name ?? '')
    const detail = `${plural('volume', bad.length)} ${quoted(names)} ${uses} restricted volume ${plural('type', types.length)} ${quoted(types)}`
    return { reason: 'restricted volume types', detail }
  },
  runAsNonRoot: (spec, containers) => {
    const own = spec.securityContext?.runAsNonRoot
    const saysNo = containers.filter((each) => each.securityContext?.runAsNonRoot === false)
    const silent = containers.filter((each) => each.securityContext?.runAsNonRoot === undefined)
    const who = [...(own === false ? ['pod'] : []), ...(saysNo.length > 0 ? [named(saysNo)] : [])].join(' and ')
    if (who !== '') return { reason: 'runAsNonRoot != true', detail: `${who} must not set securityContext.runAsNonRoot=false` }
    if (own === true || silent.length === 0) return undefined
    return {
      reason: 'runAsNonRoot != true',
      detail: `pod or ${named(silent)} must set securityContext.runAsNonRoot=true`,
    }
  },
  runAsUser: (spec, containers) => {
    const isPod = spec.securityContext?.runAsUser === 0
    const bad = containers.filter((each) => each.securityContext?.runAsUser === 0)
    if (!isPod && bad.length === 0) return undefined
    const who = [...(isPod ? ['pod'] : []), ...(bad.length > 0 ? [named(bad)] : [])].join(' and ')
    return { reason: 'runAsUser=0', detail: `${who} must not set runAsUser=0` }
  },
  seccompProfile_restricted: (spec, containers) => {
    const isGood = (type: string | undefined): boolean => type === 'RuntimeDefault' || type === 'Localhost'
    const own = spec.securityContext?.seccompProfile?.type
    const wrong = containers.filter((each) => {
      const type = each.securityContext?.seccompProfile?.type
      return type !== undefined && !isGood(type)
    })
    const isPodWrong = own !== undefined && !isGood(own)
    if (isPodWrong || wrong.length > 0) {
      const who = [...(isPodWrong ? ['pod'] : []), ...(wrong.length > 0 ? [named(wrong)] : [])].join(' and ')
      return { reason: 'seccompProfile', detail: `${who} must not set securityContext.seccompProfile.type to "Unconfined"` }
    }
    const silent = containers.filter((each) => each.securityContext?.seccompProfile?.type === undefined)
    if (isGood(own) || silent.length === 0) return undefined
    const tail = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
    return { reason: 'seccompProfile', detail: `pod or ${named(silent)} ${tail}` }
  },
}
