import type { SourceFile } from '../scenario/index.js'
import { parseDuration } from '../scenario/index.js'
import { actInTerminal, settle } from '../session/index.js'
import type { Cluster } from './cluster.js'
import { openCluster, seedOf } from './cluster.js'
import type { Options } from './options.js'
import { expectOnly, readOptions } from './options.js'
import type { VerbOutcome } from './outcome.js'
import { done, usage, VerbStop } from './outcome.js'
import { check } from './verbs/check.js'
import { kubectl } from './verbs/kubectl.js'
import { link, open } from './verbs/link.js'
import { digest, reach, run, schedule } from './verbs/look.js'
import { rules } from './verbs/rules.js'
import { ruleFiles, trace } from './verbs/trace.js'

/** What a verb is asked to do, wherever its files come from. */
export interface VerbRequest {
  readonly verb: string
  /** The verb's own words, without its files; of `kubectl`, kubectl's. */
  readonly args: readonly string[]
  readonly files: readonly SourceFile[]
  /** Further files that kubectl's `-f` finds; no part of the cluster. */
  readonly found?: readonly SourceFile[]
  /** A cluster that is open already: it is used, and the files are what `-f` finds. */
  readonly cluster?: Cluster
}

export interface VerbDone extends VerbOutcome {
  /** The cluster on which the verb worked, as it is now. */
  readonly cluster?: Cluster
}

export const VERBS = ['rules', 'trace', 'schedule', 'reach', 'run', 'kubectl', 'check', 'digest', 'link', 'open', 'wait', 'batch']

/** Does one verb. Never throws for what the input may do. */
export function runVerb(request: VerbRequest): VerbDone {
  try {
    return dispatch(request)
  } catch (error) {
    if (error instanceof VerbStop) return { exit: error.exit, stdout: '', stderr: `${error.message}\n`, ...keep(request) }
    throw error
  }
}

/** Words that every verb understands. */
const COMMON = ['controllers', 'proxy-mode', 'mode', 'until', 'seed', 'json', 'verbose', 'help']

/** What each verb understands besides. */
const OPTIONS: ReadonlyMap<string, readonly string[]> = new Map([
  ['rules', ['node', 'ip-family']],
  ['trace', ['from', 'to', 'proto', 'all', 'count', 'deliver-to', 'rules', 'at', 'src', 'dst']],
  ['schedule', ['pod']],
  ['reach', ['port', 'proto']],
  ['run', []],
  ['check', []],
  ['digest', ['detour']],
  ['link', []],
  ['open', []],
  ['wait', []],
])

/** Files stand apart from a request's words: a word that names none of them is a mistake. @throws VerbStop 2 */
function expectFiles(words: readonly string[], { verb, files }: VerbRequest): void {
  const stray = words.find((word) => files.every((file) => file.name !== word))
  if (stray !== undefined) throw usage(`"${stray}" has no meaning for ${verb}, and no file is named so`)
}

function keep({ cluster }: VerbRequest): { readonly cluster?: Cluster } {
  return cluster === undefined ? {} : { cluster }
}

function dispatch(request: VerbRequest): VerbDone {
  const { verb, args, files } = request
  if (verb === 'kubectl') return runKubectlVerb(request)
  const options = readOptions(args)
  const own = OPTIONS.get(verb)
  if (own !== undefined) expectOnly(options, [...COMMON, ...own], verb)
  if (verb !== 'open' && verb !== 'wait') expectFiles(options.words, request)
  switch (verb) {
    case 'link':
      return link(files, options)
    case 'open':
      return open(options.words, files)
    case 'check': {
      const [scenario, ...submissions] = files
      if (scenario === undefined) throw usage('check needs a scenario')
      return check(scenario, submissions, options)
    }
    case 'wait':
      return waitFor(request, options)
    default:
      return look(request, options)
  }
}

function look({ verb, files, cluster: opened }: VerbRequest, options: Options): VerbDone {
  const dumps = [...ruleFiles(options).values()]
  const scenarioFiles = files.filter((file) => !dumps.includes(file.name))
  // A trace's seed draws its packets' ways; the cluster is the same for every one.
  const cluster = opened ?? openCluster(scenarioFiles, options, verb === 'trace' ? '' : seedOf(options))
  if (opened !== undefined) settle(opened.session)
  switch (verb) {
    case 'rules':
      return { ...rules(cluster, options), cluster }
    case 'trace':
      return { ...trace(cluster, options, files), cluster }
    case 'schedule':
      return { ...schedule(cluster, options), cluster }
    case 'reach':
      return { ...reach(cluster, options), cluster }
    case 'run':
      return { ...run(cluster), cluster }
    case 'digest':
      return { ...digest(cluster, options), cluster }
    default:
      throw usage(`unknown verb "${verb}"; one of ${VERBS.join(', ')}`)
  }
}

function runKubectlVerb({ args, files, found = [], cluster: opened }: VerbRequest): VerbDone {
  const { own, words } = splitKubectl(args)
  expectOnly(own, COMMON, 'kubectl')
  const cluster = opened ?? openCluster(files, own)
  const byName = Object.fromEntries([...files, ...found].map((file) => [file.name, file.text]))
  return { ...kubectl(cluster.session, words, byName), cluster }
}

/** Our own options before `--`, kubectl's words behind it. A `--` among kubectl's words (`exec web -- date`) is kubectl's. */
function splitKubectl(args: readonly string[]): { readonly own: Options; readonly words: readonly string[] } {
  const dashes = args.indexOf('--')
  const before = args.slice(0, Math.max(dashes, 0))
  try {
    const own = readOptions(before)
    if (dashes >= 0 && own.words.length === 0) return { own, words: args.slice(dashes + 1) }
  } catch (error) {
    if (!(error instanceof VerbStop)) throw error
  }
  return { own: readOptions([]), words: args }
}

function waitFor({ files, cluster: opened }: VerbRequest, options: Options): VerbDone {
  const [text = ''] = options.words
  const us = parseDuration(text)
  if (us === undefined || us < 0) throw usage(`"${text}" is not a time such as 30s or 1m30s`)
  const cluster = opened ?? openCluster(files, options)
  actInTerminal(cluster.session, { type: 'wait', us })
  return { ...done(''), cluster }
}
