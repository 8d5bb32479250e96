import type { ClusterRoleBinding, PolicyRule, Role, RoleBinding } from '../../../generated/kubeTypes.js'
import { byCodeUnit } from '../../core/digest.js'
import { own } from '../../core/own.js'
import type { Ctx } from '../context.js'
import { getStored, listIndexed, listStored } from '../etcd/store.js'
import type { ApiError } from './apiError.js'
import type { Call } from './call.js'

/** What somebody wants to do. */
export interface AccessRequest {
  readonly user: string
  readonly groups: readonly string[]
  readonly verb: string
  readonly group: string
  /** `pods`, `pods/log`; empty for a path. */
  readonly resource: string
  readonly namespace: string
  readonly name: string
  readonly path: string
}

export interface AccessAnswer {
  readonly allowed: boolean
  readonly reason: string
}

const READ = ['get', 'list', 'watch']
const WRITE = ['create', 'delete', 'deletecollection', 'patch', 'update']

const CORE = [
  'configmaps',
  'endpoints',
  'persistentvolumeclaims',
  'pods',
  'replicationcontrollers',
  'serviceaccounts',
  'services',
]
const WORKLOADS = [
  'daemonsets',
  'deployments',
  'deployments/scale',
  'replicasets',
  'replicasets/scale',
  'statefulsets',
  'statefulsets/scale',
]

function viewRules(verbs: readonly string[]): PolicyRule[] {
  return [
    { apiGroups: [''], resources: [...CORE, 'replicationcontrollers/scale'], verbs },
    { apiGroups: ['apps'], resources: WORKLOADS, verbs },
    { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'], verbs },
    { apiGroups: ['batch'], resources: ['cronjobs', 'jobs'], verbs },
    { apiGroups: ['networking.k8s.io'], resources: ['ingresses', 'networkpolicies'], verbs },
    { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs },
  ]
}

const VIEW: readonly PolicyRule[] = [
  ...viewRules(READ),
  {
    apiGroups: [''],
    resources: [
      'bindings',
      'events',
      'limitranges',
      'namespaces',
      'namespaces/status',
      'pods/log',
      'pods/status',
      'resourcequotas',
    ],
    verbs: READ,
  },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: READ },
  {
    apiGroups: ['apps'],
    resources: ['controllerrevisions', 'deployments/status', 'daemonsets/status', 'statefulsets/status'],
    verbs: READ,
  },
]

const EDIT: readonly PolicyRule[] = [
  ...VIEW,
  ...viewRules(WRITE),
  { apiGroups: [''], resources: ['secrets'], verbs: [...READ, ...WRITE] },
  {
    apiGroups: [''],
    resources: ['pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy', 'services/proxy'],
    verbs: [...READ, ...WRITE],
  },
  { apiGroups: [''], resources: ['pods/eviction'], verbs: ['create'] },
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: [...READ, ...WRITE] },
]

/** Roles that every cluster has, where it does not hold them as objects. Source: kubernetes plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go */
const BUILTIN: Readonly<Record<string, readonly PolicyRule[]>> = {
  'cluster-admin': [
    { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
    { nonResourceURLs: ['*'], verbs: ['*'] },
  ],
  view: VIEW,
  edit: EDIT,
  admin: [
    ...EDIT,
    { apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles', 'rolebindings'], verbs: [...READ, ...WRITE] },
    { apiGroups: ['authorization.k8s.io'], resources: ['localsubjectaccessreviews'], verbs: ['create'] },
  ],
  'system:public-info-viewer': [{ nonResourceURLs: ['/healthz', '/livez', '/readyz', '/version', '/version/'], verbs: ['get'] }],
  'system:discovery': [
    {
      nonResourceURLs: [
        '/api',
        '/api/*',
        '/apis',
        '/apis/*',
        '/healthz',
        '/livez',
        '/openapi',
        '/openapi/*',
        '/readyz',
        '/version',
        '/version/',
      ],
      verbs: ['get'],
    },
    { nonResourceURLs: ['/.well-known', '/.well-known/*'], verbs: ['get'] },
  ],
  'system:basic-user': [
    {
      apiGroups: ['authorization.k8s.io'],
      resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
      verbs: ['create'],
    },
    { apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'], verbs: ['create'] },
  ],
}

const BUILTIN_BINDINGS: readonly (readonly [string, string, readonly string[]])[] = [
  ['cluster-admin', 'cluster-admin', ['system:masters']],
  ['system:public-info-viewer', 'system:public-info-viewer', ['system:authenticated', 'system:unauthenticated']],
  ['system:basic-user', 'system:basic-user', ['system:authenticated']],
  ['system:discovery', 'system:discovery', ['system:authenticated']],
]

/** Whether the cluster's roles allow it, with the authorizer's words. Source: kubernetes plugin/pkg/auth/authorizer/rbac/rbac.go */
export function authorize(ctx: Ctx, request: AccessRequest): AccessAnswer {
  const { etcd } = ctx.world.parts
  const errors: string[] = []
  if (request.groups.includes('system:masters')) return { allowed: true, reason: '' }
  for (const [name, role, groups] of BUILTIN_BINDINGS) {
    const group = groups.find((each) => request.groups.includes(each))
    if (group === undefined || !(own(BUILTIN, role) ?? []).some((rule) => allows(rule, request))) continue
    return { allowed: true, reason: `RBAC: allowed by ClusterRoleBinding "${name}" of ClusterRole "${role}" to Group "${group}"` }
  }
  for (const binding of listStored(etcd, 'clusterrolebindings') as unknown as readonly ClusterRoleBinding[]) {
    const answer = tryBinding(ctx, binding, request, '', errors)
    if (answer !== undefined) return answer
  }
  if (request.namespace !== '') {
    for (const binding of listIndexed(
      etcd,
      'rolebindings',
      'namespace',
      request.namespace,
    ) as unknown as readonly RoleBinding[]) {
      const answer = tryBinding(ctx, binding, request, request.namespace, errors)
      if (answer !== undefined) return answer
    }
  }
  const reason = errors.length === 0 ? '' : `RBAC: ${errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`}`
  return { allowed: false, reason }
}

/** Every rule that holds for somebody in a Namespace. Source: kubernetes pkg/registry/rbac/validation/rule.go VisitRulesFor */
export function rulesFor(ctx: Ctx, user: string, groups: readonly string[], namespace: string): readonly PolicyRule[] {
  const { etcd } = ctx.world.parts
  const rules = BUILTIN_BINDINGS.filter(([, , bound]) => bound.some((each) => groups.includes(each)))
    .sort(([a], [b]) => byCodeUnit(a, b))
    .flatMap(([, role]) => BUILTIN[role] ?? [])
  const ofBinding = ({ subjects = [], roleRef }: ClusterRoleBinding, where: string): readonly PolicyRule[] =>
    subjects.some((each) => isSubject(each, user, groups, where)) ? (rulesOf(ctx, roleRef.kind, roleRef.name, where) ?? []) : []
  const everywhere = listStored(etcd, 'clusterrolebindings') as unknown as readonly ClusterRoleBinding[]
  const here = listIndexed(etcd, 'rolebindings', 'namespace', namespace) as unknown as readonly RoleBinding[]
  return [...rules, ...everywhere.flatMap((each) => ofBinding(each, '')), ...here.flatMap((each) => ofBinding(each, namespace))]
}

type Subject = NonNullable<RoleBinding['subjects']>[number]

function isSubject(each: Subject, user: string, groups: readonly string[], namespace: string): boolean {
  if (each.kind === 'User') return each.name === user
  if (each.kind === 'Group') return groups.includes(each.name)
  return user === `system:serviceaccount:${each.namespace ?? namespace}:${each.name}`
}

function tryBinding(
  ctx: Ctx,
  binding: RoleBinding,
  request: AccessRequest,
  namespace: string,
  errors: string[],
): AccessAnswer | undefined {
  const subject = (binding.subjects ?? []).find((each) => isSubject(each, request.user, request.groups, namespace))
  if (subject === undefined) return undefined
  const { kind, name } = binding.roleRef
  const rules = rulesOf(ctx, kind, name, namespace)
  if (rules === undefined) {
    errors.push(`${kind.toLowerCase()}.rbac.authorization.k8s.io "${name}" not found`)
    return undefined
  }
  if (!rules.some((rule) => allows(rule, request))) return undefined
  const about =
    namespace === '' ? `ClusterRoleBinding "${binding.metadata?.name}"` : `RoleBinding "${binding.metadata?.name}/${namespace}"`
  const who = subject.kind === 'ServiceAccount' ? `${subject.name}/${subject.namespace ?? namespace}` : subject.name
  return { allowed: true, reason: `RBAC: allowed by ${about} of ${kind} "${name}" to ${subject.kind} "${who}"` }
}

function rulesOf(ctx: Ctx, kind: string, name: string, namespace: string): readonly PolicyRule[] | undefined {
  const { etcd } = ctx.world.parts
  const stored = kind === 'Role' ? getStored(etcd, 'roles', `${namespace}/${name}`) : getStored(etcd, 'clusterroles', name)
  if (stored !== undefined) return (stored as unknown as Role).rules ?? []
  return kind === 'ClusterRole' ? own(BUILTIN, name) : undefined
}

function allows(rule: PolicyRule, request: AccessRequest): boolean {
  const has = (list: readonly string[] | undefined, value: string): boolean =>
    (list ?? []).includes('*') || (list ?? []).includes(value)
  if (!has(rule.verbs, request.verb)) return false
  if (request.resource === '') {
    return (rule.nonResourceURLs ?? []).some(
      (url) => url === '*' || url === request.path || (url.endsWith('*') && request.path.startsWith(url.slice(0, -1))),
    )
  }
  const slash = request.resource.indexOf('/')
  const anySub = slash < 0 ? '' : `*${request.resource.slice(slash)}`
  const fits = has(rule.resources, request.resource) || (anySub !== '' && (rule.resources ?? []).includes(anySub))
  if (!fits || !has(rule.apiGroups, request.group)) return false
  return (rule.resourceNames ?? []).length === 0 || (rule.resourceNames ?? []).includes(request.name)
}

/** Groups of a user who names only some: all who come with a name are `system:authenticated`, ServiceAccounts theirs. */
export function groupsOf(user: string, groups: readonly string[]): readonly string[] {
  const account = /^system:serviceaccount:([^:]+):/.exec(user)
  const own = account === null ? groups : ['system:serviceaccounts', `system:serviceaccounts:${account[1]}`, ...groups]
  return own.includes('system:authenticated') || own.includes('system:unauthenticated') ? own : [...own, 'system:authenticated']
}

/** The refusal of a call that its caller has no right to, or undefined. Callers without groups are the cluster's own. */
export function forbiddenCall(call: Call): ApiError | undefined {
  const { identity, info } = call
  if (identity.groups === undefined) return undefined
  const resource = call.subresource === '' ? info.resource : `${info.resource}/${call.subresource}`
  // Requests about one Namespace are requests within it.
  const namespace = info.resource !== 'namespaces' ? call.namespace : call.verb === 'create' ? '' : call.name
  const answer = authorize(call.ctx, {
    user: identity.name,
    groups: identity.groups,
    verb: call.verb,
    group: info.group,
    resource,
    namespace,
    name: call.name,
    path: '',
  })
  if (answer.allowed) return undefined
  const scope = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`
  const about = info.group === '' ? info.resource : `${info.resource}.${info.group}`
  const named = call.name === '' || call.verb === 'create' ? about : `${about} "${call.name}"`
  const why = answer.reason === '' ? '' : `: ${answer.reason}`
  return {
    code: 403,
    reason: 'Forbidden',
    message: `${named} is forbidden: User "${identity.name}" cannot ${call.verb} resource "${resource}" in API group "${info.group}" ${scope}${why}`,
    details: {
      ...(call.name === '' || call.verb === 'create' ? {} : { name: call.name }),
      ...(info.group === '' ? {} : { group: info.group }),
      kind: info.resource,
    },
  }
}
