import type {
  DaemonSet,
  Deployment,
  LabelSelector,
  PodTemplateSpec,
  ReplicaSet,
  ReplicationController,
  StatefulSet,
} from '../../../../generated/kubeTypes.js'
import type { Draft } from '../draft.js'
import { copyJson, jsonEqual } from '../draft.js'
import { matchesSelector } from '../labels.js'
import type { Faults } from './faults.js'
import { checkNotNegative, IMMUTABLE, NOT_NEGATIVE } from './faults.js'
import { validateAnnotations, validateLabels } from './meta.js'
import { validatePodTemplate } from './pods.js'
import { isBrokenSelector, isEmptySelector, validateSelector } from './selectors.js'

interface Scaled {
  replicas?: number | undefined
  minReadySeconds?: number | undefined
  selector?: Draft<LabelSelector> | undefined
  template?: Draft<PodTemplateSpec> | undefined
}

export const MISMATCH = '`selector` does not match template `labels`'

/** Source: kubernetes pkg/apis/apps/validation/validation.go ValidateDeploymentSpec */
export function validateDeployment(faults: Faults, each: Draft<Deployment>, old?: Draft<Deployment>): void {
  const spec = each.spec ?? {}
  checkNotNegative(faults, 'spec.replicas', spec.replicas)
  checkSelector(faults, spec, 'deployment')
  checkTemplate(faults, spec, ['Always'])
  const strategy = spec.strategy ?? {}
  const at = 'spec.strategy'
  switch (strategy.type) {
    case 'Recreate':
      if (strategy.rollingUpdate !== undefined) {
        faults.forbidden(`${at}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")
      }
      break
    case 'RollingUpdate':
      if (strategy.rollingUpdate === undefined)
        faults.required(`${at}.rollingUpdate`, 'this should be defaulted and never be nil')
      else validateRolling(faults, `${at}.rollingUpdate`, strategy.rollingUpdate)
      break
    default:
      faults.notSupported(`${at}.type`, strategy.type ?? '', ['Recreate', 'RollingUpdate'])
  }
  checkNotNegative(faults, 'spec.minReadySeconds', spec.minReadySeconds)
  checkNotNegative(faults, 'spec.revisionHistoryLimit', spec.revisionHistoryLimit)
  const deadline = spec.progressDeadlineSeconds
  if (deadline !== undefined) {
    checkNotNegative(faults, 'spec.progressDeadlineSeconds', deadline)
    if (deadline <= (spec.minReadySeconds ?? 0)) {
      faults.invalid('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds')
    }
  }
  keepSelector(faults, spec.selector, old?.spec?.selector)
}

function keepSelector(faults: Faults, now: unknown, before: unknown): void {
  if (before !== undefined && !jsonEqual(now, before)) faults.invalid('spec.selector', now, IMMUTABLE)
}

function checkSelector(faults: Faults, spec: Scaled, what: string): void {
  if (spec.selector === undefined) faults.required('spec.selector')
  else {
    validateSelector(faults, 'spec.selector', spec.selector)
    if (isEmptySelector(spec.selector)) faults.invalid('spec.selector', spec.selector, `empty selector is invalid for ${what}`)
  }
}

/** @param validateInner what is asked of the template itself, beside its labels that the selector must find. */
function checkTemplate(
  faults: Faults,
  spec: Scaled,
  restartPolicies: readonly string[],
  validateInner: (faults: Faults, field: string, template: Draft<PodTemplateSpec>) => void = validatePodTemplate,
): void {
  const { selector, template } = spec
  if (selector !== undefined && isBrokenSelector(selector)) {
    faults.invalid('spec.selector', selector, 'invalid label selector')
    return
  }
  if (template === undefined) {
    faults.required('spec.template')
    return
  }
  const labels = template.metadata?.labels
  if (selector === undefined || (!isEmptySelector(selector) && !matches(selector, labels))) {
    faults.invalid('spec.template.metadata.labels', labels ?? null, MISMATCH)
  }
  validateInner(faults, 'spec.template', template)
  const policy = template.spec?.restartPolicy
  if (policy !== undefined && !restartPolicies.includes(policy) && ['Always', 'OnFailure', 'Never'].includes(policy)) {
    faults.notSupported('spec.template.spec.restartPolicy', policy, restartPolicies)
  }
  if (template.spec?.activeDeadlineSeconds !== undefined) {
    faults.forbidden('spec.template.spec.activeDeadlineSeconds', 'activeDeadlineSeconds in pod template is not supported')
  }
}

/** A StatefulSet's Pods are judged when they are made: only then are their volumes known. Source: ValidatePodTemplateSpecForStatefulSet */
function validateStatefulTemplate(faults: Faults, field: string, template: Draft<PodTemplateSpec>): void {
  validateLabels(faults, `${field}.labels`, template.metadata?.labels)
  validateAnnotations(faults, `${field}.annotations`, template.metadata?.annotations)
  const policy = template.spec?.restartPolicy
  if (policy !== undefined && !['Always', 'OnFailure', 'Never'].includes(policy)) {
    faults.notSupported(`${field}.spec.restartPolicy`, policy, ['Always'])
  }
}

export function matches(
  selector: Draft<LabelSelector>,
  labels: Readonly<Record<string, string | undefined>> | undefined,
): boolean {
  // Fields that are missing read as empty here as there.
  return matchesSelector(selector as LabelSelector, (labels ?? {}) as Readonly<Record<string, string>>)
}

type IntOrPercent = number | string | undefined

/** Source: validateRollingUpdateDeployment */
function validateRolling(
  faults: Faults,
  field: string,
  rolling: { maxSurge?: IntOrPercent; maxUnavailable?: IntOrPercent },
): void {
  validateIntOrPercent(faults, `${field}.maxUnavailable`, rolling.maxUnavailable)
  validateIntOrPercent(faults, `${field}.maxSurge`, rolling.maxSurge)
  if (isZero(rolling.maxUnavailable) && isZero(rolling.maxSurge)) {
    faults.invalid(`${field}.maxUnavailable`, rolling.maxUnavailable, 'may not be 0 when `maxSurge` is 0')
  }
  validateAtMostAll(faults, `${field}.maxUnavailable`, rolling.maxUnavailable)
}

function isZero(value: IntOrPercent): boolean {
  // What is no number counts as none.
  return typeof value === 'string' ? !/^-?\d+%?$/.test(value) || Number.parseInt(value, 10) === 0 : (value ?? 0) === 0
}

/** Source: ValidatePositiveIntOrPercent */
export function validateIntOrPercent(faults: Faults, field: string, value: IntOrPercent): void {
  if (typeof value === 'string') {
    if (!/^[0-9]+%$/.test(value)) {
      faults.invalid(
        field,
        value,
        "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
      )
    }
  } else if ((value ?? 0) < 0) faults.invalid(field, value, NOT_NEGATIVE)
}

export function validateAtMostAll(faults: Faults, field: string, value: IntOrPercent): void {
  if (typeof value !== 'string' || !/^[0-9]+%$/.test(value)) return
  if (Number.parseInt(value, 10) > 100) faults.invalid(field, value, 'must not be greater than 100%')
}

/** Source: ValidateReplicaSetSpec */
export function validateReplicaSet(faults: Faults, each: Draft<ReplicaSet>, old?: Draft<ReplicaSet>): void {
  const spec = each.spec ?? {}
  checkNotNegative(faults, 'spec.replicas', spec.replicas)
  checkNotNegative(faults, 'spec.minReadySeconds', spec.minReadySeconds)
  checkSelector(faults, spec, 'deployment')
  checkTemplate(faults, spec, ['Always'])
  keepSelector(faults, spec.selector, old?.spec?.selector)
}

/** Source: kubernetes pkg/apis/core/validation ValidateReplicationControllerSpec */
export function validateReplicationController(faults: Faults, each: Draft<ReplicationController>): void {
  const spec = each.spec ?? {}
  const selector = spec.selector ?? {}
  checkNotNegative(faults, 'spec.minReadySeconds', spec.minReadySeconds)
  if (Object.keys(selector).length === 0) faults.required('spec.selector')
  checkNotNegative(faults, 'spec.replicas', spec.replicas)
  if (spec.template === undefined) {
    faults.required('spec.template')
    return
  }
  const labels = spec.template.metadata?.labels
  if (Object.keys(selector).length > 0 && !matches({ matchLabels: selector }, labels)) {
    faults.invalid('spec.template.metadata.labels', labels ?? null, MISMATCH)
  }
  validatePodTemplate(faults, 'spec.template', spec.template)
  const policy = spec.template.spec?.restartPolicy
  if (policy !== undefined && policy !== 'Always') faults.notSupported('spec.template.spec.restartPolicy', policy, ['Always'])
}

const STATEFUL_FIELDS =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"

/** Source: kubernetes pkg/apis/apps/validation ValidateStatefulSetSpec */
export function validateStatefulSet(faults: Faults, each: Draft<StatefulSet>, old?: Draft<StatefulSet>): void {
  const spec = each.spec ?? {}
  const policy = spec.podManagementPolicy ?? ''
  if (policy === '') faults.required('spec.podManagementPolicy')
  else if (policy !== 'OrderedReady' && policy !== 'Parallel') {
    faults.invalid('spec.podManagementPolicy', policy, "must be 'OrderedReady' or 'Parallel'")
  }
  const strategy = spec.updateStrategy ?? {}
  switch (strategy.type) {
    case undefined:
      faults.required('spec.updateStrategy')
      break
    case 'OnDelete':
      if (strategy.rollingUpdate !== undefined) {
        faults.invalid(
          'spec.updateStrategy.rollingUpdate',
          strategy.rollingUpdate,
          "only allowed for updateStrategy 'RollingUpdate'",
        )
      }
      break
    case 'RollingUpdate': {
      const { partition, maxUnavailable } = strategy.rollingUpdate ?? {}
      checkNotNegative(faults, 'spec.updateStrategy.rollingUpdate.partition', partition)
      if (maxUnavailable !== undefined) {
        const at = 'spec.updateStrategy.rollingUpdate.maxUnavailable'
        validateIntOrPercent(faults, at, maxUnavailable)
        if (isZero(maxUnavailable)) faults.invalid(at, maxUnavailable, 'cannot be 0')
        validateAtMostAll(faults, at, maxUnavailable)
      }
      break
    }
    default:
      faults.invalid('spec.updateStrategy', strategy, "must be 'RollingUpdate' or 'OnDelete'")
  }
  const retention = spec.persistentVolumeClaimRetentionPolicy
  for (const name of ['whenDeleted', 'whenScaled'] as const) {
    const value = retention?.[name]
    if (value !== undefined && value !== 'Retain' && value !== 'Delete') {
      faults.notSupported(`spec.persistentVolumeClaimRetentionPolicy.${name}`, value, ['Retain', 'Delete'])
    }
  }
  checkNotNegative(faults, 'spec.replicas', spec.replicas)
  checkNotNegative(faults, 'spec.minReadySeconds', spec.minReadySeconds)
  checkNotNegative(faults, 'spec.ordinals.start', spec.ordinals?.start)
  checkSelector(faults, spec, 'statefulset')
  checkTemplate(faults, spec, ['Always'], validateStatefulTemplate)
  if (old === undefined) return
  const free = {
    replicas: spec.replicas,
    template: spec.template,
    updateStrategy: spec.updateStrategy,
    minReadySeconds: spec.minReadySeconds,
    ordinals: spec.ordinals,
    revisionHistoryLimit: spec.revisionHistoryLimit,
    persistentVolumeClaimRetentionPolicy: spec.persistentVolumeClaimRetentionPolicy,
  }
  if (!jsonEqual({ ...copyJson(old.spec ?? {}), ...free }, spec)) faults.forbidden('spec', STATEFUL_FIELDS)
}

/** Source: ValidateDaemonSetSpec */
export function validateDaemonSet(faults: Faults, each: Draft<DaemonSet>, old?: Draft<DaemonSet>): void {
  const spec = each.spec ?? {}
  if (spec.selector !== undefined) validateSelector(faults, 'spec.selector', spec.selector)
  const labels = spec.template?.metadata?.labels
  if (spec.selector !== undefined && !matches(spec.selector, labels)) {
    faults.invalid('spec.template.metadata.labels', labels ?? null, MISMATCH)
  }
  if (isEmptySelector(spec.selector)) faults.invalid('spec.selector', spec.selector, 'empty selector is invalid for daemonset')
  validatePodTemplate(faults, 'spec.template', spec.template ?? {})
  const policy = spec.template?.spec?.restartPolicy
  if (policy !== undefined && policy !== 'Always') faults.notSupported('spec.template.spec.restartPolicy', policy, ['Always'])
  if (spec.template?.spec?.activeDeadlineSeconds !== undefined) {
    faults.forbidden('spec.template.spec.activeDeadlineSeconds', 'activeDeadlineSeconds in pod template is not supported')
  }
  checkNotNegative(faults, 'spec.minReadySeconds', spec.minReadySeconds)
  const strategy = spec.updateStrategy ?? {}
  const at = 'spec.updateStrategy'
  if (strategy.type === 'RollingUpdate') {
    if (strategy.rollingUpdate === undefined) faults.required(`${at}.rollingUpdate`)
    else {
      const { maxUnavailable, maxSurge } = strategy.rollingUpdate
      validateIntOrPercent(faults, `${at}.rollingUpdate.maxUnavailable`, maxUnavailable)
      validateAtMostAll(faults, `${at}.rollingUpdate.maxUnavailable`, maxUnavailable)
      validateIntOrPercent(faults, `${at}.rollingUpdate.maxSurge`, maxSurge)
      validateAtMostAll(faults, `${at}.rollingUpdate.maxSurge`, maxSurge)
      if (isZero(maxUnavailable) && isZero(maxSurge)) {
        faults.required(`${at}.rollingUpdate.maxUnavailable`, 'cannot be 0 when maxSurge is 0')
      } else if (!isZero(maxUnavailable) && !isZero(maxSurge)) {
        faults.invalid(`${at}.rollingUpdate.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero')
      }
    }
  } else if (strategy.type !== 'OnDelete') faults.notSupported(`${at}.type`, strategy.type ?? '', ['RollingUpdate', 'OnDelete'])
  checkNotNegative(faults, 'spec.revisionHistoryLimit', spec.revisionHistoryLimit)
  keepSelector(faults, spec.selector, old?.spec?.selector)
}
