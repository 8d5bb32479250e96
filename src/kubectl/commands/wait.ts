import { isRecord, parseDuration } from '../../scenario/index.js'
import type { KubeObject } from '../../sim/index.js'
import type { Command, CommandInput, CommandOutput } from '../command.js'
import { failed } from '../command.js'
import type { CommandError } from '../errors.js'
import { plainError } from '../errors.js'
import { selectValues } from '../select/jsonpath.js'
import type { Found } from '../targets.js'
import { fetchTargets, isError } from '../targets.js'
import { Writing } from '../writing.js'
import { chooseBuilt, fieldOf } from './change.js'
import { SELECTION_FLAGS } from './get.js'

export const wait: Command = {
  flags: {
    ...SELECTION_FLAGS,
    for: { kind: 'string' },
    timeout: { kind: 'duration' },
    all: { kind: 'bool' },
    local: { kind: 'bool' },
    output: { kind: 'string', short: 'o' },
    template: { kind: 'string' },
    'show-managed-fields': { kind: 'bool' },
    'allow-missing-template-keys': { kind: 'bool' },
  },
  run,
}

const POLL_US = 250_000
const WEEK_US = 168 * 3_600_000_000

/** Whether an object is as wished; a text is what is wrong with the question. */
type Check = (object: KubeObject) => boolean | { readonly problem: string }

type Condition = { readonly kind: 'delete' } | { readonly kind: 'create' } | { readonly kind: 'check'; readonly check: Check }

/** Source: kubernetes kubectl pkg/cmd/wait/wait.go */
function run(input: CommandInput): CommandOutput {
  const { args, env } = input
  const condition = readCondition(args.text('for') ?? '')
  if ('problem' in condition) return failed(plainError(condition.problem))
  const chosen = chooseBuilt(input, args.words)
  if (isError(chosen)) return failed(chosen)
  const { found, errors } = fetchTargets(input, chosen.targets)
  const given = parseDuration(args.text('timeout')?.replace(/^-/, '') ?? '30s') ?? 0
  const timeout = args.text('timeout')?.startsWith('-') === true ? WEEK_US : given
  const isLate = env.now - (env.resume?.startedAt ?? env.now) >= timeout
  const again = { waiting: { pollUs: POLL_US, memory: '' } }
  const real = errors.filter((each) => each.kind !== 'api' || each.error.code !== 404)
  if (condition.kind === 'delete') {
    if (real.length > 0) return { errors: real }
    if (found.length === 0) return {}
    return isLate ? failed(...found.map((each) => lateError(each, timeout))) : again
  }
  if (condition.kind === 'create') {
    if (real.length > 0) return { errors: real }
    if (errors.length > 0 || found.length === 0) {
      return isLate ? failed(plainError('timed out waiting for the condition')) : again
    }
    return told(input, found)
  }
  if (found.length === 0) return failed(...(errors.length > 0 ? errors : [plainError('no matching resources found')]))
  const met: Found[] = []
  const unmet: CommandError[] = []
  let mustWait = false
  for (const each of found) {
    const answer = condition.check(each.object)
    if (answer === true) met.push(each)
    else if (answer !== false) unmet.push(plainError(answer.problem))
    else {
      mustWait = true
      unmet.push(lateError(each, timeout))
    }
  }
  if (mustWait && !isLate) return again
  return told(input, met, [...unmet, ...errors])
}

function told(input: CommandInput, met: readonly Found[], errors: readonly CommandError[] = []): CommandOutput {
  const writing = new Writing(input)
  for (const { info, object } of met) writing.report(info, object, 'condition met')
  writing.errors.push(...errors)
  return writing.result()
}

function lateError({ info, object }: Found, timeout: number): CommandError {
  const name = `${info.resource}/${object.metadata.name}`
  return plainError(timeout === 0 ? `condition not met for ${name}` : `timed out waiting for the condition on ${name}`)
}

function readCondition(text: string): Condition | { readonly problem: string } {
  const lower = text.toLowerCase()
  if (lower === 'delete') return { kind: 'delete' }
  if (lower === 'create') return { kind: 'create' }
  if (text.startsWith('condition=')) return { kind: 'check', check: conditionCheck(text.slice('condition='.length)) }
  if (text.startsWith('jsonpath=')) return jsonPathCheck(text.slice('jsonpath='.length))
  return { problem: `unrecognized condition: ${JSON.stringify(text)}` }
}

/** `Ready`, `Ready=false`: a condition that speaks of an older generation does not count. Source: kubernetes kubectl pkg/cmd/wait/condition.go */
function conditionCheck(text: string): Check {
  const equals = text.indexOf('=')
  const type = (equals < 0 ? text : text.slice(0, equals)).toLowerCase()
  const wanted = (equals < 0 ? 'true' : text.slice(equals + 1)).toLowerCase()
  return (object) => {
    const conditions = fieldOf(object, 'status.conditions')
    const found = (Array.isArray(conditions) ? conditions.filter(isRecord) : []).find(
      (each) => String(each['type']).toLowerCase() === type && typeof each['status'] === 'string',
    )
    if (found === undefined) return false
    const generation = fieldOf(object, 'metadata.generation')
    const observed = found['observedGeneration'] ?? fieldOf(object, 'status.observedGeneration')
    if (typeof generation === 'number' && typeof observed === 'number' && observed < generation) return false
    return String(found['status']).toLowerCase() === wanted
  }
}

/** Source: kubernetes kubectl pkg/cmd/wait/wait.go processJSONPathInput, json.go */
function jsonPathCheck(text: string): Condition | { readonly problem: string } {
  const [path = '', value, ...more] = splitOnSingleEquals(text)
  if (more.length > 0) {
    return {
      problem:
        "jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or --for=jsonpath='{.status.readyReplicas}'",
    }
  }
  if (path === '') return { problem: 'jsonpath expression cannot be empty' }
  const wanted = value?.replace(/^['"]+|['"]+$/g, '')
  if (wanted === '') {
    const example = "--for=jsonpath='{.status.readyReplicas}'=3"
    return { problem: `jsonpath wait has to have a value after equal sign, like ${example}` }
  }
  const probe = selectValues(path, {})
  if (!probe.ok) return { problem: probe.error }
  const check: Check = (object) => {
    const values = selectValues(path, object)
    if (!values.ok) return { problem: values.error }
    const [only, ...others] = values.value
    if (others.length > 0) return { problem: 'given jsonpath expression matches more than one value' }
    if (only === undefined) return false
    if (wanted === undefined) return true
    if (typeof only === 'object') return { problem: 'jsonpath leads to a nested object or list which is not supported' }
    return String(only).trim() === wanted.trim()
  }
  return { kind: 'check', check }
}

/** `==` belongs to the expression. */
function splitOnSingleEquals(text: string): readonly string[] {
  const parts = ['']
  for (let at = 0; at < text.length; at++) {
    const last = parts.length - 1
    if (text.startsWith('==', at)) {
      parts[last] += '=='
      at++
    } else if (text[at] === '=') parts.push('')
    else parts[last] += text.charAt(at)
  }
  return parts
}
