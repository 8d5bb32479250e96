import { isRecord } from '../../scenario/index.js'
import { byCodeUnit, findByAnyName, OTHER_RESOURCES } from '../../sim/index.js'
import type { Command, CommandInput, CommandOutput } from '../command.js'
import { failed } from '../command.js'
import { apiError, plainError } from '../errors.js'
import { goJson } from '../text/json.js'
import { alignTabs, GET_STYLE } from '../text/tabwriter.js'
import { goYaml } from '../text/yaml.js'
import { groupCommand } from './group.js'

/** Source: kubernetes kubectl pkg/cmd/auth */
export const auth: Command = {
  flags: {
    list: { kind: 'bool' },
    quiet: { kind: 'bool', short: 'q' },
    subresource: { kind: 'string' },
    'no-headers': { kind: 'bool' },
    'all-namespaces': { kind: 'bool', short: 'A' },
    filename: { kind: 'list', short: 'f' },
    recursive: { kind: 'bool', short: 'R' },
    output: { kind: 'string', short: 'o' },
  },
  run: groupCommand('auth', {
    'can-i': canI,
    whoami,
    reconcile: () => failed(plainError('kubectl auth reconcile is not simulated')),
  }),
}

/** Sends a review, and gives back what the server answered. */
function review(input: CommandInput, kind: string, spec: object): Readonly<Record<string, unknown>> | CommandOutput {
  const [group, resource] =
    kind === 'SelfSubjectReview' ? ['authentication', 'selfsubjectreviews'] : ['authorization', `${kind.toLowerCase()}s`]
  const { body } = input.env.api.request({
    verb: 'POST',
    path: `/apis/${group}.k8s.io/v1/${resource}`,
    query: {},
    body: JSON.stringify({ apiVersion: `${group}.k8s.io/v1`, kind, spec }),
    contentType: 'application/json',
  })
  if (isRecord(body) && isRecord(body['status']) && body['kind'] === kind) return body
  const message = isRecord(body) ? String(body['message'] ?? '') : ''
  const reason = isRecord(body) ? String(body['reason'] ?? '') : ''
  const code = isRecord(body) ? Number(body['code'] ?? 500) : 500
  return failed(apiError({ code, reason, message } as Parameters<typeof apiError>[0]))
}

function isOutput(value: Readonly<Record<string, unknown>> | CommandOutput): value is CommandOutput {
  return 'errors' in value
}

/** Source: kubernetes kubectl pkg/cmd/auth/whoami.go */
function whoami(input: CommandInput): CommandOutput {
  const answer = review(input, 'SelfSubjectReview', {})
  if (isOutput(answer)) return answer
  const format = input.args.text('output')
  if (format === 'yaml') return { stdout: goYaml(answer) }
  if (format === 'json') return { stdout: `${goJson(answer, '    ')}\n` }
  const status = isRecord(answer['status']) ? answer['status'] : {}
  const user = isRecord(status['userInfo']) ? status['userInfo'] : {}
  const groups = Array.isArray(user['groups']) ? user['groups'].map(String) : []
  const rows = ['ATTRIBUTE\tVALUE', `Username\t${String(user['username'])}`]
  if (typeof user['uid'] === 'string') rows.push(`UID\t${user['uid']}`)
  if (groups.length > 0) rows.push(`Groups\t[${groups.join(' ')}]`)
  return { stdout: `${alignTabs(rows.join('\n'), GET_STYLE)}\n` }
}

const RESOURCE_VERBS =
  'get,list,watch,create,update,patch,delete,deletecollection,use,bind,impersonate,*,approve,sign,escalate,attest'.split(',')
const PATH_VERBS = 'get,put,post,head,options,delete,patch,*'.split(',')

interface Asked {
  readonly group: string
  readonly resource: string
  readonly namespaced: boolean
}

/** Source: kubernetes kubectl pkg/cmd/auth/cani.go */
function canI(input: CommandInput, words: readonly string[]): CommandOutput {
  const { args } = input
  if (args.flag('list')) return listAccess(input, words)
  const [verb = '', what = '', ...more] = words
  if (what === '' || more.length > 0) {
    const hint = "See 'kubectl auth can-i -h' for help and examples."
    return failed(plainError(`you must specify two arguments: verb resource or verb resource/resourceName.\n${hint}`))
  }
  const warnings: string[] = []
  const attributes = what.startsWith('/')
    ? pathAttributes(input, { verb, path: what }, warnings)
    : resourceAttributes(input, verb, { what, warnings })
  if ('problem' in attributes) return failed(plainError(String(attributes['problem'])))
  const stderr = warnings.map((each) => `Warning: ${each}\n`).join('')
  if (args.isSet('no-headers')) return { stderr, errors: [plainError('--no-headers cannot be set without --list specified')] }
  const answer = review(input, 'SelfSubjectAccessReview', attributes)
  if (isOutput(answer)) return answer
  const status = isRecord(answer['status']) ? answer['status'] : {}
  const isAllowed = status['allowed'] === true
  const reasons = ['reason', 'evaluationError'].map((key) => (status[key] === undefined ? '' : ` - ${String(status[key])}`))
  const stdout = args.flag('quiet') ? '' : isAllowed ? 'yes\n' : `no${reasons.join('')}\n`
  return { stdout, stderr, exit: isAllowed ? 0 : 1 }
}

function pathAttributes(
  { args }: CommandInput,
  { verb, path }: { readonly verb: string; readonly path: string },
  warnings: string[],
): Readonly<Record<string, unknown>> {
  if (args.isSet('subresource')) return { problem: '--subresource can not be used with NonResourceURL' }
  if (!PATH_VERBS.includes(verb)) warnings.push(`verb '${verb}' is not a known verb\n`)
  return { nonResourceAttributes: { verb, path } }
}

function resourceAttributes(
  { args, namespace }: CommandInput,
  verb: string,
  { what, warnings }: { readonly what: string; readonly warnings: string[] },
): Readonly<Record<string, unknown>> {
  const slash = what.indexOf('/')
  const type = slash < 0 ? what : what.slice(0, slash)
  const found = askedOf(type.toLowerCase())
  if (found === undefined) {
    const [name = '', ...group] = type.toLowerCase().split('.')
    const where = group.length === 0 ? '' : ` in group '${group.join('.')}'`
    if (!['users', 'groups'].includes(type)) warnings.push(`the server doesn't have a resource type '${name}'${where}\n`)
  } else if (!found.namespaced && !args.flag('all-namespaces')) {
    const where = found.group === '' ? '' : ` in group '${found.group}'`
    warnings.push(`resource '${found.resource}' is not namespace scoped${where}\n`)
  }
  if (!args.flag('all-namespaces') && !RESOURCE_VERBS.includes(verb)) warnings.push(`verb '${verb}' is not a known verb\n`)
  return {
    resourceAttributes: {
      ...(args.flag('all-namespaces') ? {} : { namespace }),
      verb,
      group: found?.group ?? '',
      resource: found?.resource ?? type,
      ...(args.isSet('subresource') ? { subresource: args.text('subresource') } : {}),
      ...(slash < 0 ? {} : { name: what.slice(slash + 1) }),
    },
  }
}

function askedOf(type: string): Asked | undefined {
  if (type === '*') return { group: '', resource: '*', namespaced: true }
  const info = findByAnyName(type)
  if (info !== undefined) return { group: info.group, resource: info.resource, namespaced: info.namespaced }
  const [name = '', ...group] = type.split('.')
  const other = OTHER_RESOURCES.find(
    ([plural, short, apiVersion, , kind]) =>
      [plural, kind.toLowerCase(), ...short.split(',')].includes(name) &&
      (group.length === 0 || apiVersion.startsWith(`${group.join('.')}/`)),
  )
  if (other === undefined) return undefined
  const [plural, , apiVersion, namespaced] = other
  return { group: apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '', resource: plural, namespaced }
}

interface Rule {
  readonly verbs: readonly string[]
  readonly group: string | undefined
  readonly resource: string | undefined
  readonly name: string | undefined
  readonly url: string | undefined
}

/** Every verb for itself, then those of the same resource together. Source: kubernetes kubectl pkg/util/rbac/rbac.go BreakdownRule, CompactRules */
function listAccess(input: CommandInput, words: readonly string[]): CommandOutput {
  const { args, namespace } = input
  if (words.length > 0) return failed(plainError('list option must be specified with no arguments'))
  if (args.flag('quiet') || args.flag('all-namespaces') || args.isSet('subresource')) {
    return failed(plainError("list option can't be specified with neither quiet, all-namespaces nor subresource options"))
  }
  const answer = review(input, 'SelfSubjectRulesReview', { namespace })
  if (isOutput(answer)) return answer
  const status = isRecord(answer['status']) ? answer['status'] : {}
  const rules = [...resourceRules(status['resourceRules']), ...pathRules(status['nonResourceRules'])]
  const listed = (value: string | undefined): string => `[${value ?? ''}]`
  const rows = rules
    .toSorted((a, b) => byCodeUnit(textOf(a), textOf(b)))
    .map((rule) => `${withGroup(rule)}\t${listed(rule.url)}\t${listed(rule.name)}\t[${rule.verbs.join(' ')}]`)
  const head = args.flag('no-headers') ? [] : ['Resources\tNon-Resource URLs\tResource Names\tVerbs']
  return { stdout: `${alignTabs([...head, ...rows].join('\n'), GET_STYLE)}\n` }
}

function records(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : []
}

function resourceRules(given: unknown): readonly Rule[] {
  const merged = new Map<string, Rule>()
  for (const rule of records(given)) {
    const names = texts(rule['resourceNames'])
    for (const group of texts(rule['apiGroups'])) {
      for (const resource of texts(rule['resources'])) {
        for (const name of names.length === 0 ? [undefined] : names) {
          const key = JSON.stringify([group, resource, name])
          const verbs = [...(merged.get(key)?.verbs ?? []), ...texts(rule['verbs'])]
          merged.set(key, { verbs, group, resource, name, url: undefined })
        }
      }
    }
  }
  return [...merged.values()]
}

function pathRules(given: unknown): readonly Rule[] {
  const none = { group: undefined, resource: undefined, name: undefined }
  return records(given).flatMap((rule) =>
    texts(rule['nonResourceURLs']).flatMap((url) => texts(rule['verbs']).map((verb) => ({ ...none, verbs: [verb], url }))),
  )
}

/** As a rule reads in Go's protobuf text, by which kubectl sorts. */
function textOf({ verbs, group, resource, name, url }: Rule): string {
  const listed = (value: string | undefined): string => `[${value ?? ''}]`
  return `Verbs:[${verbs.join(' ')}],APIGroups:${listed(group)},Resources:${listed(resource)},ResourceNames:${listed(name)},NonResourceURLs:${listed(url)}`
}

/** `pods/log`, `deployments.apps/scale`. Source: kubernetes kubectl pkg/describe/describe.go CombineResourceGroup */
function withGroup({ group = '', resource }: Rule): string {
  if (resource === undefined) return ''
  const [name = '', ...sub] = resource.split('/')
  return [group === '' ? name : `${name}.${group}`, ...sub].join('/')
}
