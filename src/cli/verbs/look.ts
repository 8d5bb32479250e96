import { goDetours, openUnsettled, runWithDetours, worldDigest } from '../../session/index.js'
import type { StoredOf } from '../../sim/index.js'
import { explainSchedule, listStoredOf, RESOURCE_LIST, traceRequest } from '../../sim/index.js'
import type { Cluster } from '../cluster.js'
import { untilOf } from '../cluster.js'
import type { Options } from '../options.js'
import { countOf, isOn, protocolOf, requiredText } from '../options.js'
import type { VerbOutcome } from '../outcome.js'
import { done, refused, usage } from '../outcome.js'
import { policyNote } from './notSimulated.js'

/** Runs, and prints every object as one List. */
export function run({ session }: Cluster): VerbOutcome {
  const { etcd } = session.history.world.parts
  const items = RESOURCE_LIST.flatMap((info) => (info.resource === 'bindings' ? [] : listStoredOf(etcd, info.resource)))
  return done(`${JSON.stringify({ apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items }, null, 2)}\n`)
}

/** One hash of the whole world; with detours it is reached after going far back and forth again, which must not change it. */
export function digest({ session }: Cluster, options: Options): VerbOutcome {
  const world = runWithDetours(openUnsettled(session.input), countOf(options, 'detour', 0) ?? 0, untilOf(options))
  return done(`${worldDigest(world)}\n`)
}

/** The same of a cluster on which somebody has acted, as it stands now. */
export function digestNow({ session }: Cluster, options: Options): VerbOutcome {
  return done(`${worldDigest(goDetours(session.history, countOf(options, 'detour', 0) ?? 0))}\n`)
}

/** What each filter and score said of each Node for a Pod. */
export function schedule({ session }: Cluster, options: Options): VerbOutcome {
  const pod = requiredText(options, 'pod')
  const [first = '', second, ...more] = pod.split('/')
  if (more.length > 0 || first === '' || second === '') throw usage(`option --pod needs NAMESPACE/NAME, not "${pod}"`)
  const report = explainSchedule(session.history.world, second === undefined ? `default/${first}` : pod)
  if (report === undefined) throw refused(`pods "${second ?? first}" not found`)
  if (isOn(options, 'json')) return done(`${JSON.stringify(report)}\n`)
  const lines = [`${report.pod}: ${report.message}`]
  for (const [node, { filters, scores = {}, total }] of Object.entries(report.nodes)) {
    const mark = node === report.chosen ? '*' : ' '
    const no = filters
      .filter((each) => !each.ok)
      .map((each) => `${each.plugin}${each.decisive === true ? ' (decisive)' : ''}: ${(each.reasons ?? []).join('; ')}`)
    const told = Object.entries(scores).map(([plugin, score]) => `${plugin} ${score.normalized} x ${score.weight}`)
    lines.push(`${mark} ${node}  ${no.length > 0 ? no.join(' | ') : `total ${total ?? 0}  ${told.join(', ')}`}`)
  }
  return done(`${lines.join('\n')}\n`)
}

/** Who reaches whom: every Pod with an address to every other one. */
export function reach({ session }: Cluster, options: Options): VerbOutcome {
  const { world } = session.history
  const port = countOf(options, 'port', 1, 65_535)
  const proto = protocolOf(options)
  const pods = listStoredOf(world.parts.etcd, 'pods').filter(
    ({ status }) => status?.podIP !== undefined && status.phase !== 'Succeeded' && status.phase !== 'Failed',
  )
  const matrix: Record<string, Record<string, boolean>> = {}
  const why: string[] = []
  for (const from of pods) {
    const name = keyText(from)
    const row: Record<string, boolean> = {}
    for (const to of pods) {
      if (to === from) continue
      const target = port ?? firstPort(to, proto) ?? 80
      const ip = to.status?.podIP ?? ''
      const where = ip.includes(':') ? `[${ip}]:${target}` : `${ip}:${target}`
      const asked = { kind: 'request', from: `pod/${name}`, to: where, proto } as const
      const traced = traceRequest(world, asked, { all: true })
      const outcomes = traced.ok ? traced.value.outcomes : []
      row[keyText(to)] = outcomes.length > 0 && outcomes.every((each) => each.verdict === 'delivered')
      const [outcome] = outcomes
      const rule = outcome?.hops.at(-1)
      why.push(
        `${name} -> ${keyText(to)}:${target}  ${outcome?.verdict ?? 'unresolved'}${rule === undefined ? '' : `  ${rule.node} ${rule.text}`}`,
      )
    }
    matrix[name] = row
  }
  const note = policyNote(session)
  if (isOn(options, 'json')) return done(`${JSON.stringify({ matrix, ...(isOn(options, 'verbose') ? { why } : {}) })}\n`, note)
  if (isOn(options, 'verbose')) return done(why.map((line) => `${line}\n`).join(''), note)
  const names = Object.keys(matrix)
  const lines = names.map(
    (name) => `${names.map((to) => (to === name ? '.' : matrix[name]?.[to] === true ? 'X' : '-')).join(' ')}  ${name}`,
  )
  return done(lines.map((line) => `${line}\n`).join(''), note)
}

/** The first port of this protocol that a Pod's containers name. */
function firstPort({ spec }: StoredOf<'pods'>, proto: string): number | undefined {
  const ports = spec?.containers.flatMap((each) => each.ports ?? []) ?? []
  return ports.find((each) => (each.protocol ?? 'TCP').toLowerCase() === proto)?.containerPort
}

function keyText({ metadata }: { readonly metadata: { readonly namespace?: string; readonly name: string } }): string {
  return `${metadata.namespace ?? 'default'}/${metadata.name}`
}
