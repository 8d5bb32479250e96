import { parseAllDocuments } from 'yaml'
import type { ApiClient } from '../../api/client.js'
import { infoOf, RESOURCE_LIST } from '../../api/kinds.js'
import type { KubeObject, ResourceName, Resources } from '../../api/resources.js'
import type { Json } from './storyTypes.js'

/** What the stories need of kubectl, straight to the API: enough to act, nothing of what it prints. */
export function storyKubectl(api: ApiClient, namespace: string, line: string, files: Readonly<Record<string, string>>): string {
  const words = splitWords(line)
  const flags = new Map(words.filter((word) => word.startsWith('-')).map((word) => flagOf(word)))
  const plain = words.filter((word, index) => !word.startsWith('-') && !/^-[fplo]$/.test(words[index - 1] ?? ''))
  const after = (flag: string): string => words[words.indexOf(flag) + 1] ?? ''
  const [verb = ''] = plain
  switch (verb) {
    case 'apply':
      return parseManifests(files[after('-f')] ?? '')
        .map((each) => applyOne(api, namespace, each))
        .join('')
    case 'delete': {
      if (words.includes('-l')) return deleteBySelector(api, namespace, plain[1] ?? '', after('-l'))
      const cascade = flags.get('--cascade') ?? 'background'
      const policy = cascade === 'orphan' ? 'Orphan' : cascade === 'foreground' ? 'Foreground' : 'Background'
      const [resource, key] = target(namespace, plain.slice(1))
      return tell(api.delete(resource, key, { propagationPolicy: policy }))
    }
    case 'scale': {
      const [resource, key] = target(namespace, plain.slice(1))
      return patch(api, resource, key, { spec: { replicas: Number(flags.get('--replicas')) } })
    }
    case 'patch': {
      const [resource, key] = target(namespace, plain.slice(1))
      return patch(api, resource, key, JSON.parse(after('-p')) as Json)
    }
    case 'set': {
      const [resource, key] = target(namespace, plain.slice(2))
      const [name = '', image = ''] = (plain.at(-1) ?? '').split('=')
      return tell(api.patch(resource, key, 'strategic', { spec: { template: { spec: { containers: [{ name, image }] } } } }))
    }
    case 'rollout': {
      const [resource, key] = target(namespace, plain.slice(2))
      if (plain[1] === 'pause') return patch(api, resource, key, { spec: { paused: true } })
      if (plain[1] === 'resume') return patch(api, resource, key, { spec: { paused: null } })
      if (plain[1] === 'restart') {
        const annotations = { 'kubectl.kubernetes.io/restartedAt': '2026-01-01T00:00:00Z' }
        return patch(api, resource, key, { spec: { template: { metadata: { annotations } } } })
      }
      return plain[1] === 'undo' ? undo(api, namespace, key, Number(flags.get('--to-revision') ?? 0)) : ''
    }
    case 'label':
    case 'annotate': {
      const [resource, key] = target(namespace, plain.slice(1))
      const pairs = plain.slice(1).filter((word) => word.includes('=') || word.endsWith('-'))
      const values = Object.fromEntries(pairs.map((pair) => (pair.endsWith('-') ? [pair.slice(0, -1), null] : cut(pair, '='))))
      return patch(api, resource, key, { metadata: { [verb === 'label' ? 'labels' : 'annotations']: values } })
    }
    case 'cordon':
    case 'uncordon':
      return patch(api, 'nodes', plain[1] ?? '', { spec: { unschedulable: verb === 'cordon' ? true : null } })
    case 'taint':
      return taint(api, plain[2] ?? '', plain.slice(3))
    case 'run':
      return runPod(api, namespace, plain[1] ?? '', flags)
    case 'create':
      return createJob(api, namespace, plain[2] ?? '', (flags.get('--from') ?? '').split('/')[1] ?? '')
    default:
      return ''
  }
}

export function parseManifests(text: string): readonly KubeObject[] {
  const objects = parseAllDocuments(text).map((document) => document.toJS() as KubeObject | null)
  return objects.flatMap((each) => (each === null ? [] : each.kind === 'List' ? (each['items'] as KubeObject[]) : [each]))
}

function applyOne(api: ApiClient, namespace: string, manifest: KubeObject): string {
  const info = RESOURCE_LIST.find((each) => each.kind === manifest.kind && manifest.apiVersion.endsWith(each.version))
  if (info === undefined) return `error: no such kind ${manifest.kind}`
  const resource = info.resource
  const object = info.namespaced ? { ...manifest, metadata: { ...manifest.metadata, namespace } } : manifest
  const key = info.namespaced ? `${namespace}/${manifest.metadata.name ?? ''}` : (manifest.metadata.name ?? '')
  const found = api.get(resource, key)
  if (found.ok) return tell(api.patch(resource, key, 'strategic', manifest))
  // A manifest is what its kind says; the API server checks it field by field.
  return tell(api.create(resource, object as unknown as Resources[typeof resource]))
}

function deleteBySelector(api: ApiClient, namespace: string, kind: string, labelSelector: string): string {
  const resource = resourceOf(kind)
  const listed = api.list(resource, { namespace, labelSelector })
  if (!listed.ok) return tell(listed)
  return listed.value
    .map((each) => tell(api.delete(resource, `${namespace}/${each.metadata.name}`, { propagationPolicy: 'Background' })))
    .join('')
}

function undo(api: ApiClient, namespace: string, key: string, revision: number): string {
  const deployment = api.get('deployments', key)
  const sets = api.list('replicasets', { namespace })
  if (!deployment.ok || !sets.ok) return 'error'
  const uid = deployment.value.metadata.uid
  const number = (each: { readonly metadata: { readonly annotations?: Readonly<Record<string, string>> } }): number =>
    Number(each.metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0)
  const own = sets.value
    .filter((rs) => rs.metadata.ownerReferences?.some((each) => each.uid === uid))
    .sort((a, b) => number(b) - number(a))
  const chosen = revision === 0 ? own[1] : own.find((rs) => number(rs) === revision)
  if (chosen === undefined) return 'error: no rollout history found'
  const { 'pod-template-hash': _hash, ...labels } = chosen.spec?.template?.metadata?.labels ?? {}
  const template = { ...chosen.spec?.template, metadata: { ...chosen.spec?.template?.metadata, labels } }
  return tell(api.patch('deployments', key, 'json', [{ op: 'replace', path: '/spec/template', value: template }]))
}

function taint(api: ApiClient, name: string, words: readonly string[]): string {
  const node = api.get('nodes', name)
  if (!node.ok) return tell(node)
  let taints = [...(node.value.spec?.taints ?? [])]
  for (const word of words) {
    const remove = word.endsWith('-')
    const [pair = '', effect] = cut(remove ? word.slice(0, -1) : word, ':')
    const [key = '', value] = cut(pair, '=')
    taints = taints.filter((each) => each.key !== key || (effect !== '' && each.effect !== effect))
    if (!remove) taints.push({ key, ...(value === '' ? {} : { value }), effect })
  }
  return tell(api.update('nodes', { ...node.value, spec: { ...node.value.spec, taints } }))
}

function runPod(api: ApiClient, namespace: string, name: string, flags: ReadonlyMap<string, string>): string {
  const image = flags.get('--image') ?? ''
  return tell(
    api.create('pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace, labels: { run: name } },
      spec: { containers: [{ name, image }], restartPolicy: flags.get('--restart') ?? 'Always', dnsPolicy: 'ClusterFirst' },
    }),
  )
}

function createJob(api: ApiClient, namespace: string, name: string, from: string): string {
  const cronJob = api.get('cronjobs', `${namespace}/${from}`)
  if (!cronJob.ok) return tell(cronJob)
  const { metadata, spec } = cronJob.value.spec?.jobTemplate ?? {}
  const owner = { apiVersion: 'batch/v1', kind: 'CronJob', name: from, uid: cronJob.value.metadata.uid, controller: true }
  return tell(
    api.create('jobs', {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        name,
        namespace,
        ...(metadata?.labels === undefined ? {} : { labels: metadata.labels }),
        annotations: { 'cronjob.kubernetes.io/instantiate': 'manual', ...metadata?.annotations },
        ownerReferences: [owner],
      },
      ...(spec === undefined ? {} : { spec }),
    }),
  )
}

function patch(api: ApiClient, resource: ResourceName, key: string, body: Json): string {
  return tell(api.patch(resource, key, 'merge', body))
}

function tell(result: { readonly ok: boolean; readonly error?: { readonly message: string } }): string {
  return result.ok ? '' : `Error: ${result.error?.message ?? ''}`
}

/** `deployment web`, `deployment/web`, `deployment.apps/web`. */
function target(namespace: string, words: readonly string[]): readonly [ResourceName, string] {
  const [first = '', second = ''] = words
  const [kind, name] = first.includes('/') ? cut(first, '/') : [first, second]
  const resource = resourceOf(kind.split('.')[0] ?? '')
  return [resource, infoOf(resource).namespaced ? `${namespace}/${name}` : name]
}

function resourceOf(word: string): ResourceName {
  const info = RESOURCE_LIST.find((each) => each.resource === word || each.singular === word || each.shortNames.includes(word))
  if (info === undefined) throw new Error(`no resource ${word}`)
  return info.resource
}

function flagOf(word: string): readonly [string, string] {
  return cut(word, '=')
}

function cut(text: string, at: string): readonly [string, string] {
  const index = text.indexOf(at)
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)]
}

/** Splits a command line as a shell does, with quotes. */
function splitWords(line: string): readonly string[] {
  return [...line.matchAll(/(?:[^\s"']+|"([^"]*)"|'([^']*)')+/g)].map((match) =>
    match[0].replace(/"([^"]*)"|'([^']*)'/g, (_, a, b) => (a as string | undefined) ?? (b as string)),
  )
}
