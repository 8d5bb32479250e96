import type { Container, PodSpec } from '../../../../generated/kubeTypes.js'
import type { Draft } from '../draft.js'
import type { Faults } from './faults.js'
import { checkDescendingPath } from './volumes.js'

const ID_RANGE = 'must be between 0 and 2147483647, inclusive'
const MAX_ID = 2_147_483_647

function checkId(faults: Faults, field: string, value: number | undefined): void {
  if (value !== undefined && (value < 0 || value > MAX_ID)) faults.invalid(field, value, ID_RANGE)
}

/** Source: kubernetes pkg/apis/core/validation/validation.go validatePodSpecSecurityContext, validateHostUsers */
export function validatePodSecurity(faults: Faults, field: string, spec: Draft<PodSpec>): void {
  const context = spec.securityContext ?? {}
  const at = `${field}.securityContext`
  checkId(faults, `${at}.fsGroup`, context.fsGroup)
  checkId(faults, `${at}.runAsUser`, context.runAsUser)
  checkId(faults, `${at}.runAsGroup`, context.runAsGroup)
  for (const group of context.supplementalGroups ?? []) checkId(faults, `${at}.supplementalGroups`, group)
  if (spec.hostPID === true && spec.shareProcessNamespace === true) {
    faults.invalid(`${field}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled')
  }
  validateSysctls(faults, `${at}.sysctls`, spec)
  const { fsGroupChangePolicy: change, supplementalGroupsPolicy: policy } = context
  if (change !== undefined && change !== 'Always' && change !== 'OnRootMismatch') {
    faults.notSupported(`${at}.fsGroupChangePolicy`, change, ['Always', 'OnRootMismatch'])
  }
  validateSeccomp(faults, `${at}.seccompProfile`, context.seccompProfile)
  validateAppArmor(faults, `${at}.appArmorProfile`, context.appArmorProfile)
  if (policy !== undefined && policy !== 'Merge' && policy !== 'Strict') {
    faults.notSupported(`${at}.supplementalGroupsPolicy`, policy, ['Merge', 'Strict'])
  }
  if (spec.hostUsers !== false) return
  const no = 'when `hostUsers` is false'
  if (spec.hostNetwork === true) faults.forbidden(`${field}.hostNetwork`, no)
  if (spec.hostPID === true) faults.forbidden(`${field}.HostPID`, no)
  if (spec.hostIPC === true) faults.forbidden(`${field}.HostIPC`, no)
}

const SYSCTL = '^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$'
const SYSCTL_RE = new RegExp(SYSCTL)
const MAX_SYSCTL = 253

/** Source: validateSysctls */
function validateSysctls(faults: Faults, field: string, spec: Draft<PodSpec>): void {
  const seen = new Set<string>()
  ;(spec.securityContext?.sysctls ?? []).forEach(({ name = '' }, index) => {
    const at = `${field}[${index}].name`
    if (name === '') faults.required(at)
    else if (name.length > MAX_SYSCTL || !SYSCTL_RE.test(name)) {
      faults.invalid(at, name, `must have at most ${MAX_SYSCTL} characters and match regex ${SYSCTL}`)
    } else if (seen.has(name)) faults.duplicate(at, name)
    seen.add(name)
  })
}

interface Profile {
  type?: string | undefined
  localhostProfile?: string | undefined
}

const PROFILES = ['Localhost', 'RuntimeDefault', 'Unconfined']

/** Source: validateSeccompProfileField */
function validateSeccomp(faults: Faults, field: string, profile: Profile | undefined): void {
  if (profile === undefined) return
  const { type = '', localhostProfile } = profile
  if (type === '') faults.required(`${field}.type`, 'type is required when seccompProfile is set')
  else if (!PROFILES.includes(type)) faults.notSupported(`${field}.type`, type, PROFILES)
  if (type === 'Localhost') {
    if (localhostProfile === undefined) {
      faults.required(`${field}.localhostProfile`, 'must be set when seccomp type is Localhost')
    } else checkDescendingPath(faults, `${field}.localhostProfile`, localhostProfile)
  } else if (localhostProfile !== undefined) {
    const value = { Type: type, LocalhostProfile: localhostProfile }
    faults.invalid(`${field}.localhostProfile`, value, 'can only be set when seccomp type is Localhost')
  }
}

/** Source: ValidateAppArmorProfileField */
function validateAppArmor(faults: Faults, field: string, profile: Profile | undefined): void {
  if (profile === undefined) return
  const { type = '', localhostProfile } = profile
  switch (type) {
    case 'Localhost':
      if ((localhostProfile ?? '').trim() === '') {
        faults.required(`${field}.localhostProfile`, 'must be set when AppArmor type is Localhost')
      }
      return
    case 'RuntimeDefault':
    case 'Unconfined':
      if (localhostProfile !== undefined) {
        faults.invalid(`${field}.localhostProfile`, localhostProfile, 'can only be set when AppArmor type is Localhost')
      }
      return
    case '':
      faults.required(`${field}.type`, 'type is required when appArmorProfile is set')
      return
    default:
      faults.notSupported(`${field}.type`, type, PROFILES)
  }
}

/** Source: ValidateSecurityContext */
export function validateContainerSecurity(faults: Faults, field: string, container: Draft<Container>): void {
  const context = container.securityContext
  if (context === undefined) return
  checkId(faults, `${field}.runAsUser`, context.runAsUser)
  checkId(faults, `${field}.runAsGroup`, context.runAsGroup)
  const { procMount } = context
  if (procMount !== undefined && procMount !== 'Default' && procMount !== 'Unmasked') {
    faults.notSupported(`${field}.procMount`, procMount, ['Default', 'Unmasked'])
  }
  validateSeccomp(faults, `${field}.seccompProfile`, context.seccompProfile)
  const internal = {
    Capabilities: context.capabilities ?? null,
    Privileged: context.privileged ?? null,
  }
  if (context.allowPrivilegeEscalation === false) {
    if (context.privileged === true) {
      faults.invalid(field, internal, 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true')
    }
    if ((context.capabilities?.add ?? []).includes('CAP_SYS_ADMIN')) {
      faults.invalid(field, internal, 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN')
    }
  }
  validateAppArmor(faults, `${field}.appArmorProfile`, context.appArmorProfile)
}
