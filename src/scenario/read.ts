import type { KubeObject, Result } from '../sim/index.js'
import { fail, ok, readProxyConfiguration, schedulerFaults } from '../sim/index.js'
import { DEFAULT_CLUSTER, readCluster } from './clusterDocument.js'
import type { SourceDocument, SourceFile } from './documents.js'
import { isRecord, readDocuments } from './documents.js'
import { FieldReader } from './fields.js'
import type { ReadLimits } from './limits.js'
import { LIMITS } from './limits.js'
import type { SourceError } from './place.js'
import type { ScenarioSpec } from './scenarioDocument.js'
import { readScenarioDocument } from './scenarioDocument.js'
import type { ClusterInput, ObjectInput, ScenarioInput } from './types.js'

const DEFAULT_SEED = '1'

interface Sorted {
  cluster: ClusterInput | undefined
  kubeProxy: Readonly<Record<string, unknown>> | undefined
  scheduler: Readonly<Record<string, unknown>> | undefined
  scenario: ScenarioSpec | undefined
  readonly objects: ObjectInput[]
}

/**
 * Reads a scenario: Kubernetes manifests with, beside them, any of kind's `Cluster`, `KubeProxyConfiguration`,
 * `KubeSchedulerConfiguration` and our `Scenario`. Manifests themselves are judged by the API server when they are created, not here.
 *
 * @returns all faults, each with its place; nothing of a faulty scenario is used.
 */
export function readScenario(
  files: readonly SourceFile[],
  seed?: string,
  limits: ReadLimits = LIMITS,
): Result<ScenarioInput, readonly SourceError[]> {
  const read = readDocuments(files, limits)
  if (!read.ok) return read
  const sorted: Sorted = { cluster: undefined, kubeProxy: undefined, scheduler: undefined, scenario: undefined, objects: [] }
  const errors = read.value.documents.flatMap((document) => sort(document, files, sorted))
  const { scenario } = sorted
  const later = scenario?.joinLater ?? []
  const cluster = later.length === 0 ? sorted.cluster : joinLater(sorted.cluster ?? DEFAULT_CLUSTER, later)
  const unknown = later.filter((name) => cluster?.nodes.every((node) => node.name !== name))
  if (unknown.length > 0) {
    const place = { file: files[0]?.name ?? '-', line: 1, column: 1 }
    errors.push({ ...place, code: 'bad-field', message: `spec.joinLater: no Node ${unknown.join(', ')}`, params: {} })
  }
  if (errors.length > 0) return fail(errors)
  return ok({
    name: scenario?.name ?? 'scenario',
    seed: seed ?? scenario?.seed ?? DEFAULT_SEED,
    files,
    cluster,
    kubeProxy: sorted.kubeProxy,
    scheduler: sorted.scheduler,
    objects: sorted.objects,
    isWholeCluster: sorted.objects.some(({ object }) => object.kind === 'Node' && object.apiVersion === 'v1'),
    story: scenario?.story,
    actions: scenario?.actions ?? [],
    checks: scenario?.checks ?? [],
    warnings: read.value.warnings,
  })
}

function joinLater(cluster: ClusterInput, names: readonly string[]): ClusterInput {
  return { ...cluster, nodes: cluster.nodes.map((node) => (names.includes(node.name) ? { ...node, joinsLater: true } : node)) }
}

function sort(document: SourceDocument, files: readonly SourceFile[], sorted: Sorted): readonly SourceError[] {
  const { value } = document
  const reader = new FieldReader(document, files)
  if (!isRecord(value)) {
    return [
      { ...document.place, code: 'not-an-object', message: 'a manifest must be a map with apiVersion and kind', params: {} },
    ]
  }
  const { apiVersion, kind } = value
  if (typeof apiVersion !== 'string' || apiVersion === '') reader.report('apiVersion', 'missing-field', 'is required')
  if (typeof kind !== 'string' || kind === '') reader.report('kind', 'missing-field', 'is required')
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || reader.errors.length > 0) return reader.errors
  const [group] = apiVersion.split('/')
  if (group === 'kind.x-k8s.io' && kind === 'Cluster') {
    expectVersion(apiVersion, 'kind.x-k8s.io/v1alpha4', reader)
    sorted.cluster = readCluster(value, reader)
  } else if (group === 'podpath.dev') {
    expectVersion(apiVersion, 'podpath.dev/v1alpha1', reader)
    if (kind === 'Scenario') sorted.scenario = readScenarioDocument(value, reader)
    else reader.report('kind', 'unsupported-document', `"${kind}" is unknown; Scenario is the only kind of podpath.dev/v1alpha1`)
  } else if (group === 'kubeproxy.config.k8s.io') {
    expectVersion(apiVersion, 'kubeproxy.config.k8s.io/v1alpha1', reader)
    expectKind(kind, 'KubeProxyConfiguration', reader)
    for (const { field, message } of readProxyConfiguration(value).faults) reader.quote(field, message)
    sorted.kubeProxy = value
  } else if (group === 'kubescheduler.config.k8s.io') {
    expectVersion(apiVersion, 'kubescheduler.config.k8s.io/v1', reader)
    expectKind(kind, 'KubeSchedulerConfiguration', reader)
    for (const { path, message } of schedulerFaults(value)) reader.report(path, 'bad-field', message)
    sorted.scheduler = value
  } else {
    sorted.objects.push({ ...document, object: asObject(value, apiVersion, kind) })
  }
  return reader.errors
}

function expectVersion(found: string, wanted: string, reader: FieldReader): void {
  if (found !== wanted) reader.report('apiVersion', 'unsupported-document', `"${found}" is not read; use ${wanted}`)
}

function expectKind(found: string, wanted: string, reader: FieldReader): void {
  if (found !== wanted) reader.report('kind', 'unsupported-document', `"${found}" is not read; use ${wanted}`)
}

/** The API server looks at everything else; `metadata` is there so that an object can be named in messages. */
function asObject(value: Readonly<Record<string, unknown>>, apiVersion: string, kind: string): KubeObject {
  const metadata = isRecord(value['metadata']) ? value['metadata'] : {}
  return { ...value, apiVersion, kind, metadata }
}
