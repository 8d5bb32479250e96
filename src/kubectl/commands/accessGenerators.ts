import type { KubeObject } from '../../sim/index.js'
import { findByAnyName } from '../../sim/index.js'
import type { CommandInput } from '../command.js'
import type { Generator, GeneratorProblem } from './generator.js'

const RBAC = 'rbac.authorization.k8s.io'

/** `kubectl create role` and `clusterrole`. Source: kubernetes kubectl pkg/cmd/create/create_role.go, create_clusterrole.go */
export function roleOf(kind: 'Role' | 'ClusterRole'): (name: string, input: CommandInput) => KubeObject | GeneratorProblem {
  return (name, { args }) => {
    const verbs = [...new Set(args.list('verb'))]
    const urls = args.list('non-resource-url')
    const resources = args.list('resource')
    if (verbs.length === 0) return { problem: 'at least one verb must be specified' }
    if (resources.length === 0 && urls.length === 0)
      return {
        problem:
          kind === 'Role' ? 'at least one resource must be specified' : 'one of resource or nonResourceURL must be specified',
      }
    const groups = new Map<string, string[]>()
    for (const word of resources) {
      const found = resourceOf(word)
      if (found === undefined) return { problem: `the server doesn't have a resource type "${word}"` }
      groups.set(found.group, [...(groups.get(found.group) ?? []), found.name])
    }
    const names = args.list('resource-name')
    const rules = [...groups].map(([group, all]) => ({
      apiGroups: [group],
      ...(names.length === 0 ? {} : { resourceNames: names }),
      resources: [...new Set(all)],
      verbs,
    }))
    const more = urls.length === 0 ? [] : [{ nonResourceURLs: urls, verbs }]
    return { apiVersion: `${RBAC}/v1`, kind, metadata: { name }, rules: [...rules, ...more] }
  }
}

/** `pods`, `deploy.apps`, `pods/log`, `*`. */
function resourceOf(word: string): { readonly group: string; readonly name: string } | undefined {
  const [type = '', ...sub] = word.split('/')
  if (type === '*') return { group: '*', name: word }
  const info = findByAnyName(type)
  return info === undefined ? undefined : { group: info.group, name: [info.resource, ...sub].join('/') }
}

/** `kubectl create rolebinding` and `clusterrolebinding`. Source: kubernetes kubectl pkg/cmd/create/create_rolebinding.go */
export function bindingOf(
  kind: 'RoleBinding' | 'ClusterRoleBinding',
): (name: string, input: CommandInput) => KubeObject | GeneratorProblem {
  return (name, { args }) => {
    const clusterRole = args.text('clusterrole')
    const role = kind === 'RoleBinding' ? args.text('role') : undefined
    if ((clusterRole === undefined) === (role === undefined))
      return {
        problem:
          kind === 'RoleBinding'
            ? 'exactly one of clusterrole or role must be specified'
            : 'required flag(s) "clusterrole" not set',
      }
    const accounts = args.list('serviceaccount').map((each) => each.split(':'))
    if (accounts.some((each) => each.length !== 2)) return { problem: 'serviceaccount must be <namespace>:<name>' }
    const subject = (of: string) => (each: string) => ({ apiGroup: RBAC, kind: of, name: each })
    return {
      apiVersion: `${RBAC}/v1`,
      kind,
      metadata: { name },
      roleRef: { apiGroup: RBAC, kind: role === undefined ? 'ClusterRole' : 'Role', name: role ?? clusterRole ?? '' },
      subjects: [
        ...args.list('user').map(subject('User')),
        ...args.list('group').map(subject('Group')),
        ...accounts.map(([namespace = '', account = '']) => ({ kind: 'ServiceAccount', name: account, namespace })),
      ],
    }
  }
}

/** Source: kubernetes kubectl pkg/cmd/create/create_pdb.go */
export function disruptionBudget(name: string, { args }: CommandInput): KubeObject | GeneratorProblem {
  const selector = args.text('selector')
  const least = args.text('min-available')
  const most = args.text('max-unavailable')
  if (selector === undefined) return { problem: 'a selector must be specified' }
  if (least === undefined && most === undefined) return { problem: 'one of min-available or max-unavailable must be specified' }
  if (least !== undefined && most !== undefined) return { problem: 'min-available and max-unavailable cannot be both specified' }
  const number = (text: string): number | string => (/^\d+$/.test(text) ? Number(text) : text)
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name },
    spec: {
      ...(most === undefined ? {} : { maxUnavailable: number(most) }),
      ...(least === undefined ? {} : { minAvailable: number(least) }),
      selector: { matchLabels: Object.fromEntries(selector.split(',').map((each) => each.split(/==?/, 2))) },
    },
    status: { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 },
  }
}

/** Source: kubernetes kubectl pkg/cmd/create/create_priorityclass.go */
export function priorityClass(name: string, { args }: CommandInput): KubeObject | GeneratorProblem {
  return {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name },
    value: Number(args.text('value') ?? 0),
    ...(args.flag('global-default') ? { globalDefault: true } : {}),
    ...(args.isSet('description') ? { description: args.text('description') } : {}),
    preemptionPolicy: args.text('preemption-policy') ?? 'PreemptLowerPriority',
  }
}

/** Source: kubernetes kubectl pkg/cmd/create/create_ingress.go */
export function ingress(name: string, { args }: CommandInput): KubeObject | GeneratorProblem {
  const given: string[] = []
  for (const each of args.list('rule')) {
    // A comma within a rule is the rule's own.
    const last = /^tls(?:=|$)/.test(each) ? given.pop() : undefined
    given.push(last === undefined ? each : `${last},${each}`)
  }
  const fallback = args.text('default-backend')
  if (given.length === 0 && fallback === undefined)
    return {
      problem:
        'not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)',
    }
  const hosts = new Map<string, object[]>()
  const secure = new Map<string, string[]>()
  for (const rule of given) {
    const read = /^([\w.*-]*\/?[^=]*)=([\w.-]+:[\w-]+)$/.exec(rule.split(/,tls/)[0] ?? '')
    if (read === null)
      return { problem: `rule ${rule} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]` }
    const [host = '', ...rest] = (read[1] ?? '').split('/')
    const path = `/${rest.join('/')}`
    const isPrefix = path.endsWith('*')
    const backend = backendOf(read[2] ?? '')
    hosts.set(host, [
      ...(hosts.get(host) ?? []),
      { backend, path: path.replace(/\*$/, ''), pathType: isPrefix ? 'Prefix' : 'Exact' },
    ])
    const tls = /,tls(?:=(.*))?$/.exec(rule)
    if (tls !== null) secure.set(tls[1] ?? '', [...(secure.get(tls[1] ?? '') ?? []), ...(host === '' ? [] : [host])])
  }
  const className = args.text('class')
  const annotations = Object.fromEntries(args.list('annotation').map((each) => each.split('=', 2)))
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { ...(args.isSet('annotation') ? { annotations } : {}), name },
    spec: {
      ...(fallback === undefined ? {} : { defaultBackend: backendOf(fallback) }),
      ...(className === undefined ? {} : { ingressClassName: className }),
      ...(hosts.size === 0
        ? {}
        : { rules: [...hosts].map(([host, paths]) => ({ ...(host === '' ? {} : { host }), http: { paths } })) }),
      ...(secure.size === 0
        ? {}
        : {
            tls: [...secure].map(([secretName, names]) => ({
              ...(names.length === 0 ? {} : { hosts: names }),
              ...(secretName === '' ? {} : { secretName }),
            })),
          }),
    },
    status: { loadBalancer: {} },
  }
}

function backendOf(text: string): object {
  const [service = '', port = ''] = text.split(':')
  return { service: { name: service, port: /^\d+$/.test(port) ? { number: Number(port) } : { name: port } } }
}

/** By the words of `kubectl create`. */
export function accessGenerators(
  named: (make: (name: string, input: CommandInput) => KubeObject | GeneratorProblem) => Generator,
): Readonly<Record<string, Generator>> {
  return {
    role: named(roleOf('Role')),
    clusterrole: named(roleOf('ClusterRole')),
    rolebinding: named(bindingOf('RoleBinding')),
    clusterrolebinding: named(bindingOf('ClusterRoleBinding')),
    poddisruptionbudget: named(disruptionBudget),
    pdb: named(disruptionBudget),
    priorityclass: named(priorityClass),
    pc: named(priorityClass),
    ingress: named(ingress),
    ing: named(ingress),
  }
}
