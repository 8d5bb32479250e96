import type { SourceFile } from '../../scenario/index.js'
import type { TraceOptions, TraceResult, TraceSpec } from '../../sim/index.js'
import { traceRequest } from '../../sim/index.js'
import type { Cluster } from '../cluster.js'
import type { Options } from '../options.js'
import { countOf, isOn, protocolOf, requiredText, textOf } from '../options.js'
import type { VerbOutcome } from '../outcome.js'
import { done, refused, usage, VerbStop } from '../outcome.js'
import { policyNote, proxyNote, refuseUnsimulatedMode } from './notSimulated.js'

/** Nodes and the files that `--rules NODE=FILE` names for them. @throws VerbStop 2 when one is not written so. */
export function ruleFiles(options: Options): readonly { readonly node: string; readonly file: string }[] {
  return (options.values.get('rules') ?? []).map((each) => {
    const equals = each.indexOf('=')
    if (equals <= 0 || equals === each.length - 1) throw usage(`option --rules needs NODE=FILE, not "${each}"`)
    return { node: each.slice(0, equals), file: each.slice(equals + 1) }
  })
}

/** Sends a request, or puts a packet into a Node's stack, and tells its path. */
export function trace({ session }: Cluster, options: Options, dumps: readonly SourceFile[]): VerbOutcome {
  const spec = specOf(options)
  const count = countOf(options, 'count')
  const seed = textOf(options, 'seed')
  const rules = ruleFiles(options).map(({ node, file }): readonly [string, string] => {
    const dump = dumps.find((each) => each.name === file)
    if (dump === undefined) throw refused(`${file}: no such file`)
    return [node, dump.text]
  })
  const traceOptions: TraceOptions = {
    all: isOn(options, 'all'),
    verbose: isOn(options, 'verbose'),
    ...(rules.length === 0 ? {} : { rules }),
    ...(count === undefined ? {} : { count }),
    ...(seed === undefined ? {} : { seed }),
  }
  refuseUnsimulatedMode(session.history.world, rules)
  const traced = traceRequest(session.history.world, spec, traceOptions)
  if (!traced.ok) throw new VerbStop(traced.error.kind === 'usage' ? 2 : 1, traced.error.message)
  const text = isOn(options, 'json') ? `${JSON.stringify(traced.value)}\n` : traceText(traced.value)
  return done(text, `${policyNote(session)}${proxyNote(session)}`)
}

function specOf(options: Options): TraceSpec {
  const proto = protocolOf(options)
  const at = textOf(options, 'at')
  for (const name of at === undefined ? ['src', 'dst'] : ['from', 'to', 'deliver-to'])
    if (options.values.has(name)) throw usage(`option --${name} has no meaning ${at === undefined ? 'without' : 'with'} --at`)
  if (at !== undefined) return { kind: 'packet', at, src: requiredText(options, 'src'), dst: requiredText(options, 'dst'), proto }
  const deliverTo = textOf(options, 'deliver-to')
  const request = { kind: 'request', from: requiredText(options, 'from'), to: requiredText(options, 'to'), proto } as const
  return deliverTo === undefined ? request : { ...request, deliverTo }
}

/** An answer as `curl -i` shows it. */
function httpText({ status, headers, body }: NonNullable<TraceResult['outcomes'][number]['http']>): readonly string[] {
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return [`  HTTP ${status}`, ...head.map((line) => `  ${line}`), ...body.split('\n').map((line) => `  ${line}`)]
}

/** A trace for people: each outcome with its chance, its rules Node by Node, and the way home. */
function traceText({ outcomes, counts }: TraceResult): string {
  const lines: string[] = []
  for (const outcome of outcomes) {
    const to = outcome.to === undefined ? '' : ` ${outcome.to.ip}:${outcome.to.port}`
    const pod = outcome.to?.pod === undefined ? '' : ` (pod ${outcome.to.pod} on ${outcome.to.node ?? '?'})`
    const source =
      outcome.sourceSeen === undefined ? '' : `, source seen ${outcome.sourceSeen}${outcome.masqueraded ? ' (masqueraded)' : ''}`
    const heard = outcome.unheard === true ? ', which the sender never hears of' : ''
    const because = outcome.with === undefined ? heard : `, ${outcome.with}${heard}`
    lines.push(`${(outcome.probability * 100).toFixed(2)} %  ${outcome.verdict}${to}${pod}${source}${because}`)
    if (outcome.http !== undefined) lines.push(...httpText(outcome.http))
    for (const hop of outcome.hops)
      lines.push(`  ${hop.node} ${hop.hook} ${hop.table} #${hop.rule} ${hop.text}   => ${hop.action}`)
    for (const hop of outcome.reply)
      lines.push(`  reply ${hop.node} ${hop.hook} ${hop.table} #${hop.rule} ${hop.text}   => ${hop.action}`)
    for (const miss of outcome.misses ?? [])
      lines.push(`  no match: ${miss.chain} #${miss.rule} ${miss.text}   (wanted ${miss.wanted}, saw ${miss.saw})`)
  }
  for (const [endpoint, seen] of Object.entries(counts ?? {})) lines.push(`${seen}  ${endpoint}`)
  return `${lines.join('\n')}\n`
}
