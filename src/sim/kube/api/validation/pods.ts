import type { Pod, PodSpec, PodTemplateSpec, Toleration } from '../../../../generated/kubeTypes.js'
import type { Draft } from '../draft.js'
import { copyJson, jsonEqual } from '../draft.js'
import { parseIp } from '../ip.js'
import { validateAffinity } from './affinity.js'
import { validateContainers } from './containers.js'
import type { Faults } from './faults.js'
import { validateAnnotations, validateLabels } from './meta.js'
import { labelFaults, labelKeyFault, labelValueFaults, qualifiedNameFaults, subdomainFaults } from './names.js'
import { isEmptySelector, validateSelector } from './selectors.js'
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
  validateHostSettings(faults, field, spec)
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
    if (parseIp(alias.ip ?? '') === undefined) {
      faults.invalid(`${path}.ip`, alias.ip ?? '', 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')
    }
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
    if (parseIp(server) === undefined) {
      faults.invalid(
        `${field}.dnsConfig.nameservers[${index}]`,
        server,
        'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      )
    }
  })
  if ((config?.searches ?? []).length > 32)
    faults.invalid(`${field}.dnsConfig.searches`, config?.searches, 'must not have more than 32 search paths')
  ;(config?.options ?? []).forEach((option, index) => {
    if ((option.name ?? '') === '') faults.required(`${field}.dnsConfig.options[${index}]`, 'must not be empty')
  })
}

function validateHostSettings(faults: Faults, field: string, spec: Spec): void {
  const context = spec.securityContext ?? {}
  if (spec.hostPID === true && spec.shareProcessNamespace === true) {
    faults.invalid(`${field}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled')
  }
  for (const name of ['runAsUser', 'runAsGroup', 'fsGroup'] as const) {
    const value = context[name]
    if (value !== undefined && (value < 0 || value > 2_147_483_647)) {
      faults.invalid(`${field}.securityContext.${name}`, value, 'must be between 0 and 2147483647, inclusive')
    }
  }
}

/** Source: ValidateTolerations */
function validateTolerations(faults: Faults, field: string, tolerations: readonly Draft<Toleration>[]): void {
  tolerations.forEach((each, index) => {
    const path = `${field}[${index}]`
    const { key = '', operator, value = '', effect } = each
    if (key !== '' && labelKeyFault(key) !== undefined) faults.invalidEach(`${path}.key`, key, qualifiedNameFaults(key))
    if (key === '' && operator !== 'Exists') {
      faults.invalid(
        `${path}.operator`,
        operator ?? '',
        'operator must be Exists when `key` is empty, which means "match all values and all keys"',
      )
    }
    if (each.tolerationSeconds !== undefined && effect !== 'NoExecute') {
      faults.invalid(`${path}.effect`, effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set")
    }
    switch (operator) {
      case undefined:
      case 'Equal':
        if (labelValueFaults(value).length > 0) faults.invalid(`${path}.operator`, value, labelValueFaults(value).join(';'))
        break
      case 'Exists':
        if (value !== '')
          faults.invalid(`${path}.operator`, internalToleration(each), "value must be empty when `operator` is 'Exists'")
        break
      default:
        faults.notSupported(`${path}.operator`, operator, ['Equal', 'Exists'])
    }
    if (effect !== undefined && !['NoSchedule', 'PreferNoSchedule', 'NoExecute'].includes(effect)) {
      faults.notSupported(`${path}.effect`, effect, ['NoSchedule', 'PreferNoSchedule', 'NoExecute'])
    }
  })
}

/** As Go prints the server's own struct. */
function internalToleration(each: Draft<Toleration>): object {
  const { key = '', operator = '', value = '', effect = '', tolerationSeconds = null } = each
  return { Key: key, Operator: operator, Value: value, Effect: effect, TolerationSeconds: tolerationSeconds }
}

/** Source: validateTopologySpreadConstraints */
function validateSpread(faults: Faults, field: string, spec: Spec): void {
  const seen = new Set<string>()
  ;(spec.topologySpreadConstraints ?? []).forEach((each, index) => {
    const path = `${field}[${index}]`
    const { maxSkew = 0, topologyKey = '', whenUnsatisfiable = '' } = each
    if (maxSkew <= 0) faults.invalid(`${path}.maxSkew`, maxSkew, 'must be greater than zero')
    if (topologyKey === '') faults.required(`${path}.topologyKey`, 'can not be empty')
    else if (labelKeyFault(topologyKey) !== undefined)
      faults.invalidEach(`${path}.topologyKey`, topologyKey, qualifiedNameFaults(topologyKey))
    if (whenUnsatisfiable !== 'DoNotSchedule' && whenUnsatisfiable !== 'ScheduleAnyway') {
      faults.notSupported(`${path}.whenUnsatisfiable`, whenUnsatisfiable, ['DoNotSchedule', 'ScheduleAnyway'])
    }
    const pair = `{${topologyKey}, ${whenUnsatisfiable}}`
    if (seen.has(pair)) faults.duplicate(`${path}.{topologyKey, whenUnsatisfiable}`, pair)
    seen.add(pair)
    if (each.minDomains !== undefined) {
      if (each.minDomains <= 0) faults.invalid(`${path}.minDomains`, each.minDomains, 'must be greater than zero')
      if (whenUnsatisfiable !== 'DoNotSchedule') {
        faults.invalid(
          `${path}.minDomains`,
          each.minDomains,
          `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`,
        )
      }
    }
    if (each.labelSelector !== undefined && !isEmptySelector(each.labelSelector)) {
      validateSelector(faults, `${path}.labelSelector`, each.labelSelector)
    }
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
