import type { Ctx } from '../context.js'
import type { ApiError } from './apiError.js'
import { isRecord, recordAt, textAt } from './draft.js'
import { badRequest, invalid } from './errors.js'
import type { Identity } from './part.js'
import { authorize, groupsOf, rulesFor } from './rbac.js'

/** Answers requests that ask who one is and what one may do; nothing is stored. Undefined for other paths. */
export function serveReview(ctx: Ctx, identity: Identity, path: string, body: unknown): object | ApiError | undefined {
  const match = /^\/apis\/(authorization|authentication)\.k8s\.io\/v1\/(?:namespaces\/[^/]+\/)?(\w+)$/.exec(path)
  switch (match?.[2]) {
    case 'subjectaccessreviews':
    case 'localsubjectaccessreviews':
    case 'selfsubjectaccessreviews':
      return accessReview(ctx, identity, match[2], body)
    case 'selfsubjectrulesreviews':
      return rulesReview(ctx, identity, body)
    case 'selfsubjectreviews': {
      const groups = groupsOf(identity.name, identity.groups ?? ['system:masters'])
      const status = { userInfo: { username: identity.name, groups } }
      return { kind: 'SelfSubjectReview', apiVersion: 'authentication.k8s.io/v1', metadata: {}, status }
    }
    default:
      return undefined
  }
}

/** Source: kubernetes pkg/registry/authorization/selfsubjectrulesreview/rest.go Create */
function rulesReview(ctx: Ctx, identity: Identity, body: unknown): object | ApiError {
  const namespace = textAt(body, 'spec', 'namespace')
  if (namespace === '') return badRequest('no namespace on request')
  const groups = groupsOf(identity.name, identity.groups ?? ['system:masters'])
  const rules = rulesFor(ctx, identity.name, groups, namespace)
  const resourceRules = rules
    .filter((rule) => (rule.resources ?? []).length > 0)
    .map(({ verbs, apiGroups, resources, resourceNames }) => ({
      verbs,
      apiGroups,
      resources,
      ...(resourceNames === undefined ? {} : { resourceNames }),
    }))
  const nonResourceRules = rules
    .filter((rule) => (rule.nonResourceURLs ?? []).length > 0)
    .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs }))
  const status = { resourceRules, nonResourceRules, incomplete: false }
  return { kind: 'SelfSubjectRulesReview', apiVersion: 'authorization.k8s.io/v1', metadata: {}, spec: {}, status }
}

const KINDS: Readonly<Record<string, string>> = {
  subjectaccessreviews: 'SubjectAccessReview',
  localsubjectaccessreviews: 'LocalSubjectAccessReview',
  selfsubjectaccessreviews: 'SelfSubjectAccessReview',
}

function accessReview(ctx: Ctx, identity: Identity, resource: string, body: unknown): object | ApiError {
  const spec = recordAt(body, 'spec') ?? {}
  const wanted = recordAt(spec, 'resourceAttributes')
  const path = recordAt(spec, 'nonResourceAttributes')
  const isSelf = resource === 'selfsubjectaccessreviews'
  const about = { group: 'authorization.k8s.io', kind: '' }
  if (wanted !== undefined && path !== undefined) {
    const value = JSON.stringify({ Path: textAt(path, 'path'), Verb: textAt(path, 'verb') })
    const message = `Invalid value: ${value}: cannot be specified in combination with resourceAttributes`
    return invalid(about, '', [{ reason: 'FieldValueInvalid', field: 'spec.nonResourceAttributes', message }])
  }
  if (wanted === undefined && path === undefined) {
    const message = 'Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified'
    return invalid(about, '', [{ reason: 'FieldValueInvalid', field: 'spec.resourceAttributes', message }])
  }
  const user = isSelf ? identity.name : textAt(spec, 'user')
  const given = Array.isArray(spec['groups']) ? spec['groups'].map(String) : []
  if (!isSelf && user === '' && given.length === 0) {
    const message = 'Invalid value: "": at least one of user or group must be specified'
    return invalid(about, '', [{ reason: 'FieldValueInvalid', field: 'spec.user', message }])
  }
  const groups = isSelf ? (identity.groups ?? ['system:masters']) : given
  const sub = textAt(wanted, 'subresource')
  const answer = authorize(ctx, {
    user,
    groups,
    verb: textAt(wanted ?? path, 'verb'),
    group: textAt(wanted, 'group'),
    resource: wanted === undefined ? '' : `${textAt(wanted, 'resource')}${sub === '' ? '' : `/${sub}`}`,
    namespace: textAt(wanted, 'namespace'),
    name: textAt(wanted, 'name'),
    path: textAt(path, 'path'),
  })
  const status = { allowed: answer.allowed, ...(answer.reason === '' ? {} : { reason: answer.reason }) }
  return { kind: KINDS[resource] ?? '', apiVersion: 'authorization.k8s.io/v1', metadata: {}, spec: withoutEmpty(spec), status }
}

/** As Go writes it again: empty texts are left out. */
function withoutEmpty(value: unknown): unknown {
  if (!isRecord(value)) return value
  const kept = Object.entries(value).filter(([, each]) => each !== '' && each !== null)
  return Object.fromEntries(kept.map(([key, each]) => [key, withoutEmpty(each)]))
}

/** `/healthz`, `/version` and the like: the text or object that they answer; the refusal for who may not. Undefined for other paths. */
export function servePath(ctx: Ctx, identity: Identity, path: string): string | object | ApiError | undefined {
  const isKnown = /^\/(healthz|livez|readyz|metrics|version|logs|debug)(\/|$)/.test(path)
  if (!isKnown) return undefined
  if (identity.groups !== undefined) {
    const groups = identity.name === 'system:anonymous' ? identity.groups : groupsOf(identity.name, identity.groups)
    const request = { user: identity.name, groups, verb: 'get', group: '', resource: '', namespace: '', name: '', path }
    if (!authorize(ctx, request).allowed) {
      const message = `forbidden: User "${identity.name}" cannot get path "${path}"`
      return { code: 403, reason: 'Forbidden', message, details: {} }
    }
  }
  if (path.startsWith('/version')) return VERSION
  return 'ok'
}

export const VERSION = {
  major: '1',
  minor: '36',
  gitVersion: 'v1.36.2',
  platform: 'linux/amd64',
} as const

/** Tells a refusal from an answer. */
export function isApiError(value: object): value is ApiError {
  return 'code' in value && 'message' in value && 'reason' in value
}
