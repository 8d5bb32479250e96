import { openUnsettled, runWithDetours, worldDigest } from '../../session/index.js'
import { explainSchedule, listStoredOf, RESOURCE_LIST, traceRequest } from '../../sim/index.js'
import type { Cluster } from '../cluster.js'
import { untilOf } from '../cluster.js'
import type { Options } from '../options.js'
import { choiceOf, countOf, isOn, requiredText } from '../options.js'
import type { VerbOutcome } from '../outcome.js'
import { done, refused } from '../outcome.js'

/** Runs, and prints every object as one List. */
export function run({ session }: Cluster): VerbOutcome {
  const { etcd } = session.history.world.parts
  const items = RESOURCE_LIST.flatMap((info) => (info.resource === 'bindings' ? [] : listStoredOf(etcd, info.resource)))
  return done(`${JSON.stringify({ apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items }, null, 2)}\n`)
}

/** One hash of the whole world; with detours it is reached after going far back and forth again, which must not change it. */
export function digest({ session }: Cluster, options: Options): VerbOutcome {
  const world = runWithDetours(openUnsettled(session.input), countOf(options, 'detour') ?? 0, untilOf(options))
  return done(`${worldDigest(world)}\n`)
}

/** What each filter and score said of each Node for a Pod. */
export function schedule({ session }: Cluster, options: Options): VerbOutcome {
  const pod = requiredText(options, 'pod')
  const report = explainSchedule(session.history.world, pod.includes('/') ? pod : `default/${pod}`)
  if (report === undefined) throw refused(`pods "${pod.split('/').at(-1) ?? ''}" not found`)
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
  const port = countOf(options, 'port')
  const proto = choiceOf(options, 'proto', ['tcp', 'udp', 'sctp'] as const) ?? 'tcp'
  const pods = listStoredOf(world.parts.etcd, 'pods').filter(
    (pod) => pod.status?.podIP !== undefined && pod.status.phase === 'Running',
  )
  const matrix: Record<string, Record<string, boolean>> = {}
  const why: string[] = []
  for (const from of pods) {
    const name = keyText(from)
    const row: Record<string, boolean> = {}
    for (const to of pods) {
      if (to === from) continue
      const target = port ?? to.spec?.containers.flatMap((each) => each.ports ?? [])[0]?.containerPort ?? 80
      const asked = { kind: 'request', from: `pod/${name}`, to: `${to.status?.podIP ?? ''}:${target}`, proto } as const
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
  if (isOn(options, 'json')) return done(`${JSON.stringify({ matrix, ...(isOn(options, 'verbose') ? { why } : {}) })}\n`)
  if (isOn(options, 'verbose')) return done(`${why.join('\n')}\n`)
  const names = Object.keys(matrix)
  const lines = names.map(
    (name) => `${names.map((to) => (to === name ? '.' : matrix[name]?.[to] === true ? 'X' : '-')).join(' ')}  ${name}`,
  )
  return done(`${lines.join('\n')}\n`)
}

function keyText({ metadata }: { readonly metadata: { readonly namespace?: string; readonly name: string } }): string {
  return `${metadata.namespace ?? 'default'}/${metadata.name}`
}
