import type { Pod, PodSpec, PodTemplateSpec, Toleration } from '../../../../generated/kubeTypes.js'
import type { Draft } from '../draft.js'
import { copyJson, jsonEqual } from '../draft.js'
import { validateAffinity } from './affinity.js'
import { validateContainers } from './containers.js'
import type { Faults } from './faults.js'
import { ipFault } from './legacyAddresses.js'
import { validateAnnotations, validateLabels } from './meta.js'
import { labelFaults, qualifiedNameFaults, searchPathFaults, subdomainFaults } from './names.js'
import { validateSystem } from './operatingSystem.js'
import { validatePodResources } from './podResources.js'
import { validateSchedulingGates, validateSpread, validateTolerations } from './scheduling.js'
import { validatePodSecurity } from './securityContexts.js'
import { validateVolumes } from './volumes.js'

type Spec = Draft<PodSpec>

/** Source: kubernetes pkg/apis/core/validation/validation.go ValidatePodTemplateSpec */
export function validatePodTemplate(faults: Faults, field: string, template: Draft<PodTemplateSpec>): void {
  validateLabels(faults, `${field}.labels`, template.metadata?.labels)
  validateAnnotations(faults, `${field}.annotations`, template.metadata?.annotations)
  validatePodSpec(faults, `${field}.spec`, template.spec ?? {})
  if ((template.spec?.ephemeralContainers ?? []).length > 0) {
    faults.forbidden(`${field}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template')
  }
}

/** Source: ValidatePodSpec */
export function validatePodSpec(faults: Faults, field: string, spec: Spec): void {
  const volumes = validateVolumes(faults, `${field}.volumes`, spec.volumes ?? [])
  validateContainers(faults, field, spec, volumes)
  switch (spec.restartPolicy) {
    case 'Always':
    case 'OnFailure':
    case 'Never':
      break
    case undefined:
      faults.required(`${field}.restartPolicy`)
      break
    default:
      faults.notSupported(`${field}.restartPolicy`, spec.restartPolicy, ['Always', 'OnFailure', 'Never'])
  }
  validateDns(faults, field, spec)
  validateLabels(faults, `${field}.nodeSelector`, spec.nodeSelector)
  validatePodSecurity(faults, field, spec)
  if (spec.affinity !== undefined) validateAffinity(faults, `${field}.affinity`, spec.affinity)
  validateSpread(faults, `${field}.topologySpreadConstraints`, spec)
  if ((spec.serviceAccountName ?? '') !== '') {
    faults.invalidEach(`${field}.serviceAccountName`, spec.serviceAccountName, subdomainFaults(spec.serviceAccountName ?? ''))
  }
  if ((spec.nodeName ?? '') !== '') faults.invalidEach(`${field}.nodeName`, spec.nodeName, subdomainFaults(spec.nodeName ?? ''))
  if (
    spec.activeDeadlineSeconds !== undefined &&
    (spec.activeDeadlineSeconds < 1 || spec.activeDeadlineSeconds > 2_147_483_647)
  ) {
    faults.invalid(`${field}.activeDeadlineSeconds`, spec.activeDeadlineSeconds, 'must be between 1 and 2147483647, inclusive')
  }
  if (spec.hostname !== undefined) faults.invalidEach(`${field}.hostname`, spec.hostname, labelFaults(spec.hostname))
  if (spec.subdomain !== undefined) faults.invalidEach(`${field}.subdomain`, spec.subdomain, labelFaults(spec.subdomain))
  validateTolerations(faults, `${field}.tolerations`, spec.tolerations ?? [])
  ;(spec.hostAliases ?? []).forEach((alias, index) => {
    const path = `${field}.hostAliases[${index}]`
    const fault = ipFault(alias.ip ?? '')
    if (fault !== undefined) faults.invalid(`${path}.ip`, alias.ip ?? '', fault)
    ;(alias.hostnames ?? []).forEach((name = '', at) => {
      faults.invalidEach(`${path}.hostnames[${at}]`, name, subdomainFaults(name))
    })
  })
  if ((spec.priorityClassName ?? '') !== '') {
    faults.invalidEach(`${field}.priorityClassName`, spec.priorityClassName, subdomainFaults(spec.priorityClassName ?? ''))
  }
  if (spec.runtimeClassName !== undefined) {
    faults.invalidEach(`${field}.runtimeClassName`, spec.runtimeClassName, subdomainFaults(spec.runtimeClassName))
  }
  if (spec.preemptionPolicy !== undefined && !['PreemptLowerPriority', 'Never'].includes(spec.preemptionPolicy)) {
    faults.notSupported(`${field}.preemptionPolicy`, spec.preemptionPolicy, ['PreemptLowerPriority', 'Never'])
  }
  if (spec.os?.name !== undefined && !['linux', 'windows'].includes(spec.os.name)) {
    faults.notSupported(`${field}.os.name`, spec.os.name, ['linux', 'windows'])
  }
  validateSystem(faults, field, spec)
  if (spec.resources !== undefined) validatePodResources(faults, field, spec)
  validateSchedulingGates(faults, field, spec)
  ;(spec.readinessGates ?? []).forEach((gate, index) => {
    const type = gate.conditionType ?? ''
    faults.invalidEach(`${field}.readinessGates[${index}].conditionType`, type, qualifiedNameFaults(type))
  })
}

const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']

function validateDns(faults: Faults, field: string, spec: Spec): void {
  const policy = spec.dnsPolicy ?? ''
  if (policy === '') faults.required(`${field}.dnsPolicy`)
  else if (!DNS_POLICIES.includes(policy)) faults.notSupported(`${field}.dnsPolicy`, policy, DNS_POLICIES)
  const config = spec.dnsConfig
  if (policy === 'None') {
    if (config === undefined) faults.required(`${field}.dnsConfig`, 'must provide `dnsConfig` when `dnsPolicy` is None')
    else if ((config.nameservers ?? []).length === 0) {
      faults.required(`${field}.dnsConfig.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None')
    }
  }
  const nameservers = config?.nameservers ?? []
  if (nameservers.length > 3) {
    faults.invalid(`${field}.dnsConfig.nameservers`, nameservers, 'must not have more than 3 nameservers')
  }
  nameservers.forEach((server = '', index) => {
    const fault = ipFault(server)
    if (fault !== undefined) faults.invalid(`${field}.dnsConfig.nameservers[${index}]`, server, fault)
  })
  if ((config?.searches ?? []).length > 32)
    faults.invalid(`${field}.dnsConfig.searches`, config?.searches, 'must not have more than 32 search paths')
  ;(config?.searches ?? []).forEach((search = '', index) => {
    faults.invalidEach(`${field}.dnsConfig.searches[${index}]`, search.replace(/\.$/, ''), searchPathFaults(search))
  })
  ;(config?.options ?? []).forEach((option, index) => {
    if ((option.name ?? '') === '') faults.required(`${field}.dnsConfig.options[${index}]`, 'must not be empty')
  })
}

const POD_FIELDS =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'

/** What of a Pod may change. Source: ValidatePodUpdate */
export function validatePodUpdate(faults: Faults, pod: Draft<Pod>, old: Draft<Pod>): void {
  const spec = pod.spec ?? {}
  const before = old.spec ?? {}
  if ((spec.containers ?? []).length !== (before.containers ?? []).length) {
    faults.forbidden('spec.containers', 'pod updates may not add or remove containers')
    return
  }
  if ((spec.initContainers ?? []).length !== (before.initContainers ?? []).length) {
    faults.forbidden('spec.initContainers', 'pod updates may not add or remove containers')
    return
  }
  const { activeDeadlineSeconds: seconds } = spec
  if (seconds !== undefined) {
    if (seconds < 0 || seconds > 2_147_483_647) {
      faults.invalid('spec.activeDeadlineSeconds', seconds, 'must be between 0 and 2147483647, inclusive')
    } else if (before.activeDeadlineSeconds !== undefined && before.activeDeadlineSeconds < seconds) {
      faults.invalid('spec.activeDeadlineSeconds', seconds, 'must be less than or equal to previous value')
    }
  } else if (before.activeDeadlineSeconds !== undefined) {
    faults.invalid('spec.activeDeadlineSeconds', null, 'must not update from a positive integer to nil value')
  }
  const kept = (before.tolerations ?? []).every((each) => (spec.tolerations ?? []).some((other) => isSameToleration(each, other)))
  if (!kept) faults.forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')
  const masked: Spec = { ...copyJson(spec), tolerations: before.tolerations, activeDeadlineSeconds: before.activeDeadlineSeconds }
  for (const group of ['containers', 'initContainers'] as const) {
    masked[group]?.forEach((container, index) => {
      const image = before[group]?.[index]?.image
      if (image !== undefined) container.image = image
    })
  }
  if ((before.terminationGracePeriodSeconds ?? 0) < 0 && spec.terminationGracePeriodSeconds === 1) {
    masked.terminationGracePeriodSeconds = before.terminationGracePeriodSeconds
  }
  if (!jsonEqual(masked, before)) faults.forbidden('spec', `${POD_FIELDS}\n${differingFields(before, masked)}`)
}

/** The words after the message are a diff of Go structs upstream; here the fields that differ. */
function differingFields(before: Spec, after: Spec): string {
  const b: Readonly<Record<string, unknown>> = before
  const a: Readonly<Record<string, unknown>> = after
  const names = [...new Set([...Object.keys(b), ...Object.keys(a)])].filter((name) => !jsonEqual(b[name], a[name]))
  const goName = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)
  return names
    .map(
      (name) =>
        `- "${goName(name)}": ${JSON.stringify(b[name] ?? null)}\n+ "${goName(name)}": ${JSON.stringify(a[name] ?? null)}\n`,
    )
    .join('')
}

function isSameToleration(a: Draft<Toleration>, b: Draft<Toleration>): boolean {
  return a.key === b.key && a.operator === b.operator && a.value === b.value && a.effect === b.effect
}
