import type { CronJob, Job, JobSpec, PodTemplateSpec } from '../../../../generated/kubeTypes.js'
import type { Draft } from '../draft.js'
import { copyJson, jsonEqual } from '../draft.js'
import { validateCronSchedule } from './cron.js'
import type { Faults } from './faults.js'
import { checkNotNegative, IMMUTABLE } from './faults.js'
import { qualifiedNameFaults, subdomainFaults } from './names.js'
import { validatePodTemplate } from './pods.js'
import { isBrokenSelector, validateSelector } from './selectors.js'
import { MISMATCH, matches } from './workloads.js'

/** Source: kubernetes pkg/apis/batch/validation/validation.go ValidateJob */
export function validateJob(faults: Faults, job: Draft<Job>, old?: Draft<Job>): void {
  const spec = job.spec ?? {}
  if (old === undefined) checkGeneratedSelector(faults, job)
  validateJobSpec(faults, 'spec', spec, true)
  if (old !== undefined) validateJobUpdate(faults, spec, old.spec ?? {})
}

function checkGeneratedSelector(faults: Faults, job: Draft<Job>): void {
  const spec = job.spec ?? {}
  if (spec.manualSelector === true) return
  const uid = job.metadata?.uid ?? ''
  const expected = { 'batch.kubernetes.io/controller-uid': uid }
  if (!jsonEqual(spec.selector?.matchLabels ?? {}, expected) || (spec.selector?.matchExpressions ?? []).length > 0) {
    faults.invalid('spec.selector', spec.selector, '`selector` not auto-generated')
  }
}

function validateJobSpec(faults: Faults, field: string, spec: Draft<JobSpec>, hasSelector: boolean): void {
  for (const name of [
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
    'backoffLimitPerIndex',
    'maxFailedIndexes',
  ] as const) {
    checkNotNegative(faults, `${field}.${name}`, spec[name])
  }
  if (hasSelector) {
    if (spec.selector === undefined) faults.required(`${field}.selector`)
    else {
      validateSelector(faults, `${field}.selector`, spec.selector)
      const labels = spec.template?.metadata?.labels
      if (!isBrokenSelector(spec.selector) && !matches(spec.selector, labels)) {
        faults.invalid(`${field}.template.metadata.labels`, labels ?? null, MISMATCH)
      }
    }
  }
  validateIndexes(faults, field, spec)
  if (spec.podFailurePolicy !== undefined) validateFailurePolicy(faults, `${field}.podFailurePolicy`, spec)
  validateSuccessPolicy(faults, `${field}.successPolicy`, spec)
  validateReplacementPolicy(faults, `${field}.podReplacementPolicy`, spec)
  if (spec.managedBy !== undefined) validateManager(faults, `${field}.managedBy`, spec.managedBy)
  validatePodTemplate(faults, `${field}.template`, spec.template ?? {})
  const policy = spec.template?.spec?.restartPolicy ?? ''
  const at = `${field}.template.spec.restartPolicy`
  // Defaulting has made a missing policy `Always`, so this is what a missing one reads.
  if (policy === 'Always' || policy === '') faults.required(at, 'valid values: "OnFailure", "Never"')
  else if (policy !== 'OnFailure' && policy !== 'Never') faults.notSupported(at, policy, ['OnFailure', 'Never'])
  else if (spec.podFailurePolicy !== undefined && policy !== 'Never') {
    faults.invalid(at, policy, 'only "Never" is supported when podFailurePolicy is specified')
  }
}

const MOST_INDEXES = 100_000

/** What only a Job with numbered completions may say. Source: validateJobSpec */
function validateIndexes(faults: Faults, field: string, spec: Draft<JobSpec>): void {
  const { completionMode: mode, completions, parallelism, maxFailedIndexes, backoffLimitPerIndex } = spec
  if (maxFailedIndexes !== undefined && backoffLimitPerIndex === undefined) {
    faults.required(`${field}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified')
  }
  if (mode !== undefined && mode !== 'NonIndexed' && mode !== 'Indexed') {
    faults.notSupported(`${field}.completionMode`, mode, ['Indexed', 'NonIndexed'])
  }
  if (mode === 'Indexed') {
    if (completions === undefined) faults.required(`${field}.completions`, 'when completion mode is Indexed')
    if ((parallelism ?? 0) > MOST_INDEXES) {
      const most = `must be less than or equal to ${MOST_INDEXES} when completion mode is Indexed`
      faults.invalid(`${field}.parallelism`, parallelism, most)
    }
    if (completions !== undefined && maxFailedIndexes !== undefined && maxFailedIndexes > completions) {
      faults.invalid(`${field}.maxFailedIndexes`, maxFailedIndexes, 'must be less than or equal to completions')
    }
    if (maxFailedIndexes !== undefined && maxFailedIndexes > MOST_INDEXES) {
      faults.invalid(`${field}.maxFailedIndexes`, maxFailedIndexes, `must be less than or equal to ${MOST_INDEXES}`)
    }
    return
  }
  for (const name of ['backoffLimitPerIndex', 'maxFailedIndexes'] as const) {
    if (spec[name] !== undefined) faults.invalid(`${field}.${name}`, spec[name], 'requires indexed completion mode')
  }
}

type FailureRule = Draft<NonNullable<NonNullable<JobSpec['podFailurePolicy']>['rules']>[number]>

const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore']
const OPERATORS = ['In', 'NotIn']
const STATUSES = ['False', 'True', 'Unknown']
const MOST_RULES = 20

function goList(values: readonly string[]): string {
  return `[${values.map((each) => JSON.stringify(each)).join(' ')}]`
}

/** Source: validatePodFailurePolicy */
function validateFailurePolicy(faults: Faults, field: string, spec: Draft<JobSpec>): void {
  const rules = spec.podFailurePolicy?.rules ?? []
  if (rules.length > MOST_RULES) faults.tooMany(`${field}.rules`, rules.length, MOST_RULES)
  const { containers = [], initContainers = [] } = spec.template?.spec ?? {}
  const names = [...containers, ...initContainers].map((each) => each.name ?? '')
  rules.forEach((rule, index) => {
    const at = `${field}.rules[${index}]`
    const { action = '', onExitCodes: codes, onPodConditions: conditions = [] } = rule
    if (action === '') faults.required(`${at}.action`, `valid values: ${goList(ACTIONS)}`)
    else if (action === 'FailIndex') {
      if (spec.backoffLimitPerIndex === undefined) {
        faults.invalid(`${at}.action`, action, 'requires the backoffLimitPerIndex to be set')
      }
    } else if (!ACTIONS.includes(action)) faults.notSupported(`${at}.action`, action, ACTIONS)
    if (codes !== undefined) validateExitCodes(faults, `${at}.onExitCodes`, codes, names)
    conditions.forEach(({ type = '', status = '' }, where) => {
      const path = `${at}.onPodConditions[${where}]`
      faults.invalidEach(`${path}.type`, type, qualifiedNameFaults(type))
      if (status === '') faults.required(`${path}.status`, `valid values: ${goList(STATUSES)}`)
      else if (!STATUSES.includes(status)) faults.notSupported(`${path}.status`, status, STATUSES)
    })
    if (codes !== undefined && conditions.length > 0) {
      faults.wrong(at, 'specifying both OnExitCodes and OnPodConditions is not supported')
    }
    if (codes === undefined && conditions.length === 0) {
      faults.wrong(at, 'specifying one of OnExitCodes and OnPodConditions is required')
    }
  })
}

function validateExitCodes(
  faults: Faults,
  field: string,
  codes: NonNullable<FailureRule['onExitCodes']>,
  names: readonly string[],
): void {
  const { operator = '', values = [], containerName } = codes
  if (operator === '') faults.required(`${field}.operator`, `valid values: ${goList(OPERATORS)}`)
  else if (!OPERATORS.includes(operator)) faults.notSupported(`${field}.operator`, operator, OPERATORS)
  if (containerName !== undefined && !names.includes(containerName)) {
    const which = 'must be one of the container or initContainer names in the pod template'
    faults.invalid(`${field}.containerName`, containerName, which)
  }
  if (values.length === 0) faults.invalid(`${field}.values`, values, 'at least one value is required')
  else if (values.length > 255) faults.tooMany(`${field}.values`, values.length, 255)
  let isOrdered = true
  values.forEach((value = 0, index) => {
    if (operator === 'In' && value === 0) faults.invalid(`${field}.values[${index}]`, value, 'must not be 0 for the In operator')
    if (values.indexOf(value) < index) faults.duplicate(`${field}.values[${index}]`, value)
    else if (index > 0 && value < (values[index - 1] ?? 0)) isOrdered = false
  })
  if (!isOrdered) faults.invalid(`${field}.values`, values, 'must be ordered')
}

/** Source: validateSuccessPolicy, validateSuccessPolicyRule */
function validateSuccessPolicy(faults: Faults, field: string, spec: Draft<JobSpec>): void {
  const policy = spec.successPolicy
  if (policy === undefined) return
  if (spec.completionMode !== 'Indexed') {
    faults.invalid(field, { Rules: policy.rules ?? null }, 'requires indexed completion mode')
    return
  }
  const rules = policy.rules ?? []
  const at = `${field}.rules`
  if (rules.length === 0) faults.required(at, 'at least one rules must be specified when the successPolicy is specified')
  if (rules.length > MOST_RULES) faults.tooMany(at, rules.length, MOST_RULES)
  rules.forEach(({ succeededCount: count, succeededIndexes: indexes }, index) => {
    const path = `${at}[${index}]`
    if (count === undefined && indexes === undefined) {
      faults.required(path, 'at least one of succeededCount or succeededIndexes must be specified')
    }
    const listed = indexes === undefined ? undefined : countIndexes(indexes, spec.completions ?? 0)
    if (typeof listed === 'string')
      faults.invalid(`${path}.succeededIndexes`, indexes, `error parsing succeededIndexes: ${listed}`)
    if (count === undefined) return
    checkNotNegative(faults, `${path}.succeededCount`, count)
    if (spec.completions !== undefined && count > spec.completions) {
      const most = `must be less than or equal to ${spec.completions} (the number of specified completions)`
      faults.invalid(`${path}.succeededCount`, count, most)
    }
    const total = typeof listed === 'string' ? 0 : listed
    if (total !== undefined && count > total) {
      const most = `must be less than or equal to ${total} (the number of indexes in the specified succeededIndexes field)`
      faults.invalid(`${path}.succeededCount`, count, most)
    }
  })
}

/** How many indexes `0,2-4` names; the text of the fault when it is none. Source: validateIndexesFormat, parseIndexInterval */
function countIndexes(text: string, completions: number): number | string {
  if (text === '') return 0
  let last: number | undefined
  let total = 0
  for (const interval of text.split(',')) {
    const limits = interval.split('-')
    if (limits.length > 2)
      return `the fragment ${JSON.stringify(interval)} violates the requirement that an index interval can have at most two parts separated by '-'`
    const numbers: number[] = []
    for (const limit of limits) {
      if (!/^[+-]?\d+$/.test(limit)) return `cannot convert string to integer for index: ${JSON.stringify(limit)}`
      if (Number(limit) >= completions) return `too large index: ${JSON.stringify(limit)}`
      numbers.push(Number(limit))
    }
    const [from = 0, to = from] = numbers
    if (numbers.length > 1 && from >= to) return `non-increasing order, previous: ${from}, current: ${to}`
    if (last !== undefined && last >= from) return `non-increasing order, previous: ${last}, current: ${from}`
    total += to - from + 1
    last = to
  }
  return total
}

/** Who looks after the Job in the controller's stead, as `example.com/name`. Source: apimachinery IsDomainPrefixedPath */
function validateManager(faults: Faults, field: string, manager: string): void {
  const slash = manager.indexOf('/')
  if (manager === '') faults.required(field)
  else if (slash < 1 || slash === manager.length - 1)
    faults.invalid(field, manager, 'must be a domain-prefixed path (such as "acme.io/foo")')
  else faults.invalidEach(field, manager.slice(0, slash), subdomainFaults(manager.slice(0, slash)))
  if (manager.length > 63) faults.tooLong(field, 63)
}

/** Source: validatePodReplacementPolicy */
function validateReplacementPolicy(faults: Faults, field: string, spec: Draft<JobSpec>): void {
  const policy = spec.podReplacementPolicy
  if (policy === undefined) return
  const allowed = spec.podFailurePolicy === undefined ? ['Failed', 'TerminatingOrFailed'] : ['Failed']
  if (!allowed.includes(policy)) faults.notSupported(field, policy, allowed)
}

/** Source: ValidateJobSpecUpdate */
function validateJobUpdate(faults: Faults, spec: Draft<JobSpec>, before: Draft<JobSpec>): void {
  const isElastic = spec.completionMode === 'Indexed' && spec.completions === spec.parallelism
  if (spec.completions !== before.completions && !(isElastic && before.completions === before.parallelism)) {
    faults.invalid('spec.completions', spec.completions, IMMUTABLE)
  }
  for (const name of [
    'selector',
    'completionMode',
    'podFailurePolicy',
    'backoffLimitPerIndex',
    'managedBy',
    'successPolicy',
  ] as const) {
    if (!jsonEqual(spec[name], before[name])) faults.invalid(`spec.${name}`, spec[name], IMMUTABLE)
  }
  const isSuspended = before.suspend === true
  const mutable = isSuspended ? maskScheduling(spec.template, before.template) : spec.template
  if (!jsonEqual(mutable, before.template)) faults.invalid('spec.template', spec.template, IMMUTABLE)
}

/** Where a Job is suspended, what steers its Pods to Nodes may change. */
function maskScheduling(
  template: Draft<PodTemplateSpec> | undefined,
  before: Draft<PodTemplateSpec> | undefined,
): Draft<PodTemplateSpec> | undefined {
  if (template === undefined || before === undefined) return template
  const copy = copyJson(template)
  copy.spec ??= {}
  copy.spec.affinity = before.spec?.affinity
  copy.spec.nodeSelector = before.spec?.nodeSelector
  copy.spec.tolerations = before.spec?.tolerations
  copy.spec.schedulingGates = before.spec?.schedulingGates
  copy.metadata = { ...copy.metadata, annotations: before.metadata?.annotations, labels: before.metadata?.labels }
  return copy
}

/** Source: ValidateCronJobSpec */
export function validateCronJob(faults: Faults, each: Draft<CronJob>): void {
  const spec = each.spec ?? {}
  const schedule = spec.schedule ?? ''
  if (schedule === '') faults.required('spec.schedule')
  else validateCronSchedule(faults, 'spec.schedule', schedule, spec.timeZone)
  checkNotNegative(faults, 'spec.startingDeadlineSeconds', spec.startingDeadlineSeconds)
  const policies = ['Allow', 'Forbid', 'Replace']
  const policy = spec.concurrencyPolicy ?? ''
  if (policy === '') faults.required('spec.concurrencyPolicy')
  else if (!policies.includes(policy)) faults.notSupported('spec.concurrencyPolicy', policy, policies)
  const job = spec.jobTemplate?.spec ?? {}
  if (job.selector !== undefined)
    faults.invalid('spec.jobTemplate.spec.selector', job.selector, '`selector` will be auto-generated')
  if (job.manualSelector === true) faults.notSupported('spec.jobTemplate.spec.manualSelector', true, ['nil', 'false'])
  validateJobSpec(faults, 'spec.jobTemplate.spec', job, false)
  checkNotNegative(faults, 'spec.successfulJobsHistoryLimit', spec.successfulJobsHistoryLimit)
  checkNotNegative(faults, 'spec.failedJobsHistoryLimit', spec.failedJobsHistoryLimit)
}
