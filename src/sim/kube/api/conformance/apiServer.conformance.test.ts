import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { compactEtcd } from '../../etcd/store.js'
import { isRecord } from '../draft.js'
import type { HttpRequest, HttpResponse } from '../http.js'
import { handleRequest } from '../http.js'
import type { Identity } from '../part.js'
import { groupsOf } from '../rbac.js'
import { restoreObjects } from '../restore.js'
import type { TestWorld } from '../testWorld.js'
import { openTestWorld } from '../testWorld.js'
import { maskBody, normalize } from './masks.js'
import { UNSUPPORTED } from './unsupported.js'

interface Request {
  readonly verb: string
  readonly path: string
  readonly query?: Record<string, string> | null
  readonly contentType?: string | null
  readonly headers?: Readonly<Record<string, string | readonly string[] | null>> | null
  readonly manifest?: string | null
  readonly body?: unknown
  readonly setup?: readonly unknown[] | null
  readonly steps?: readonly unknown[] | null
  readonly openedAt?: number
}

interface Case {
  readonly id: string
  readonly request: Request
  readonly response: {
    readonly code: number
    readonly warnings?: readonly string[]
    readonly status?: unknown
    readonly object?: unknown
    readonly text?: string
    readonly events?: unknown
  }
  readonly dryRun?: unknown
}

const ADMIN: Identity = { name: 'kubernetes-admin', thing: 'client/admin' }

function startState(world: TestWorld): void {
  world.act((ctx) => {
    const priorityClass = (name: string, value: number) => ({
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name },
      value,
      preemptionPolicy: 'PreemptLowerPriority',
    })
    const namespace = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
    restoreObjects(ctx, [
      namespace('default'),
      namespace('kube-system'),
      namespace('kube-public'),
      namespace('kube-node-lease'),
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default' } },
      priorityClass('system-cluster-critical', 2000000000),
      priorityClass('system-node-critical', 2000001000),
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver', provider: 'kubernetes' } },
        spec: { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, targetPort: 6443 }] },
      },
    ])
  })
}

function send(world: TestWorld, request: Request, saved: ReadonlyMap<string, string>, dryRun: boolean): HttpResponse {
  const fill = (text: string): string => text.replace(/\$\{(\w+)\}/g, (_, name: string) => saved.get(name) ?? '')
  const filled = (value: unknown): unknown =>
    value === undefined ? undefined : (JSON.parse(fill(JSON.stringify(value))) as unknown)
  const isYaml = (request.contentType ?? '').endsWith('yaml')
  const body =
    isYaml || request.body === undefined || request.body === null
      ? request.manifest == null
        ? undefined
        : parse(fill(request.manifest))
      : filled(request.body)
  const query = { ...(filled(request.query ?? {}) as Record<string, string>), ...(dryRun ? { dryRun: 'All' } : {}) }
  const http: HttpRequest = {
    verb: request.verb,
    path: fill(request.path),
    query,
    ...(typeof request.headers?.['Accept'] === 'string' ? { accept: request.headers['Accept'] } : {}),
    ...(request.openedAt === undefined ? {} : { openedAt: request.openedAt }),
    ...(request.contentType == null ? {} : { contentType: request.contentType }),
    ...(body === undefined
      ? {}
      : { body: dryRun && request.verb === 'DELETE' && isRecord(body) ? { ...body, dryRun: ['All'] } : body }),
  }
  return world.act((ctx) => handleRequest(ctx, identityOf(request), http))
}

/** Who asks: an administrator, somebody impersonated, or nobody. */
function identityOf(request: Request): Identity {
  const headers = request.headers ?? {}
  if (headers['Authorization'] === null)
    return { name: 'system:anonymous', thing: 'client/nobody', groups: ['system:unauthenticated'] }
  const user = headers['Impersonate-User']
  if (typeof user !== 'string') return ADMIN
  const groups = headers['Impersonate-Group'] ?? []
  return { name: user, thing: 'client/somebody', groups: groupsOf(user, typeof groups === 'string' ? [groups] : groups) }
}

function pathOf(manifest: unknown): string {
  const apiVersion = String((manifest as { apiVersion: string }).apiVersion)
  const { kind, metadata } = manifest as { kind: string; metadata?: { namespace?: string } }
  const plural = /(ss|x|ch)$/.test(kind)
    ? `${kind.toLowerCase()}es`
    : kind.endsWith('y')
      ? `${kind.toLowerCase().slice(0, -1)}ies`
      : `${kind.toLowerCase()}s`
  const cluster = [
    'Namespace',
    'Node',
    'PersistentVolume',
    'StorageClass',
    'PriorityClass',
    'IngressClass',
    'ClusterRole',
    'ClusterRoleBinding',
  ]
  const base = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const endpoints = plural === 'endpointses' ? 'endpoints' : plural
  return cluster.includes(kind) ? `${base}/${endpoints}` : `${base}/namespaces/${metadata?.namespace ?? 'default'}/${endpoints}`
}

function prepare(world: TestWorld, one: Case, saved: Map<string, string>): void {
  for (const item of one.request.setup ?? []) {
    if (typeof item === 'string') {
      const manifest: unknown = parse(item)
      const response = send(
        world,
        { verb: 'POST', path: pathOf(manifest), body: manifest, contentType: 'application/json' },
        saved,
        false,
      )
      if (response.code >= 300 && response.code !== 409) throw new Error(`setup: ${JSON.stringify(response.body)}`)
      continue
    }
    const step = item as Request & { save?: Record<string, string>; mayFail?: boolean }
    if (isRecord(item) && item['compact'] === true) world.act((ctx) => compactEtcd(ctx.world.parts.etcd))
    if (step.verb === undefined) continue
    const response = send(world, step, saved, false)
    if (response.code >= 300 && step.mayFail !== true) throw new Error(`setup: ${JSON.stringify(response.body)}`)
    for (const [name, path] of Object.entries(step.save ?? {})) {
      let value: unknown = response.body
      for (const part of path.split('.')) value = isRecord(value) ? value[part] : undefined
      saved.set(name, String(value))
    }
  }
}

/** What differs between the answer and the expectation, or undefined. */
export function compare(one: Case, dryRun: boolean): string | undefined {
  const world = openTestWorld({ serviceCidr: '10.96.0.0/12' })
  startState(world)
  const saved = new Map<string, string>()
  prepare(world, one, saved)
  const openedAt = world.act((ctx) => ctx.world.parts.etcd.revision)
  prepare(world, { ...one, request: { ...one.request, setup: one.request.steps ?? [] } }, saved)
  const response = send(world, { ...one.request, openedAt }, saved, dryRun)
  const expected = dryRun && one.dryRun !== 'same' ? (one.dryRun as Case['response']) : one.response
  const requestText = JSON.stringify(one.request)
  const answered =
    isRecord(expected.object) && expected.object['itemNames'] !== undefined ? withItemNames(response.body) : response.body
  const seen = normalize(
    { code: response.code, warnings: response.warnings, body: maskTooOld(maskBody(answered, requestText)) },
    one.id,
  )
  const wanted = normalize(
    {
      code: expected.code,
      warnings: expected.warnings ?? [],
      body: maskBody(expected.status ?? expected.object ?? expected.events ?? expected.text ?? null, requestText),
    },
    one.id,
  )
  if (JSON.stringify(seen) === JSON.stringify(wanted)) return undefined
  return `seen   ${JSON.stringify(seen)}\nwanted ${JSON.stringify(wanted)}`
}

/** Revisions differ from run to run. */
function maskTooOld(body: unknown): unknown {
  if (!Array.isArray(body)) return body
  const text = JSON.stringify(body).replace(/too old resource version: \d+ \(\d+\)/g, 'too old resource version: <rv> (<rv>)')
  return JSON.parse(text) as unknown
}

/** Lists of which only names and order matter. */
function withItemNames(body: unknown): unknown {
  if (!isRecord(body) || !Array.isArray(body['items'])) return body
  const { items, ...rest } = body
  const names = (items as readonly { metadata: { namespace?: string; name: string } }[]).map(({ metadata }) =>
    metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`,
  )
  return { ...rest, itemNames: names }
}

const folder = join(import.meta.dirname, 'data')
const only = process.env['CASE']

for (const group of ['defaulting', 'validation', 'patches', 'list-watch', 'rbac']) {
  describe(group, () => {
    const cases = (JSON.parse(readFileSync(join(folder, `${group}.json`), 'utf8')) as Case[]).filter(
      (each) => only === undefined || each.id.includes(only),
    )
    test(`answers as the real server, but for those listed as unsupported (${cases.length} cases)`, () => {
      const failing: string[] = []
      const details: string[] = []
      for (const one of cases) {
        for (const dryRun of one.dryRun === undefined || one.dryRun === null ? [false] : [false, true]) {
          let fault: string | undefined
          try {
            fault = compare(one, dryRun)
          } catch (error) {
            fault = String(error instanceof Error ? error.stack : error)
          }
          if (fault === undefined) continue
          failing.push(dryRun ? `${one.id} (dry run)` : one.id)
          details.push(`--- ${one.id}${dryRun ? ' (dry run)' : ''}\n${fault}`)
          break
        }
      }
      if (process.env['SHOW'] !== undefined) process.stdout.write(`${details.join('\n')}\n`)
      process.stdout.write(`${group}: ${cases.length - failing.length} of ${cases.length} equal\n`)
      if (only !== undefined) return
      const known = Object.keys(UNSUPPORTED[group] ?? {})
      expect(failing.map((each) => each.replace(' (dry run)', '')).sort()).toEqual([...known].sort())
    })
  })
}
