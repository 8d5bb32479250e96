import type { SourceFile } from '../scenario/index.js'
import { parseDuration } from '../scenario/index.js'
import { actInTerminal, settle } from '../session/index.js'
import type { Cluster } from './cluster.js'
import { seedOf } from './cluster.js'
import type { Clusters } from './clusters.js'
import { FRESH } from './clusters.js'
import type { Options } from './options.js'
import { expectOnly, readOptions } from './options.js'
import type { VerbOutcome } from './outcome.js'
import { done, usage, VerbStop } from './outcome.js'
import { check } from './verbs/check.js'
import { isLooking, kubectl } from './verbs/kubectl.js'
import { link, linkOfSession, open } from './verbs/link.js'
import { digest, digestNow, reach, run, schedule } from './verbs/look.js'
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
}

export const VERBS = ['rules', 'trace', 'schedule', 'reach', 'run', 'kubectl', 'check', 'digest', 'link', 'open', 'wait', 'batch']

/** Does one verb. Never throws for what the input may do. */
export function runVerb(request: VerbRequest, clusters: Clusters = FRESH): VerbOutcome {
  try {
    return dispatch(request, clusters)
  } catch (error) {
    if (error instanceof VerbStop) return { exit: error.exit, stdout: '', stderr: `${error.message}\n` }
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

function dispatch(request: VerbRequest, clusters: Clusters): VerbOutcome {
  const { verb, args, files } = request
  if (verb === 'kubectl') return runKubectlVerb(request, clusters)
  const options = readOptions(args)
  const own = OPTIONS.get(verb)
  if (own !== undefined) expectOnly(options, [...COMMON, ...own], verb)
  if (verb !== 'open' && verb !== 'wait') expectFiles(options.words, request)
  switch (verb) {
    case 'link':
      return clusters.stands ? linkOfSession(clusters.look(files, options)) : link(files, options)
    case 'open':
      return open(options.words, files)
    case 'check': {
      const [scenario, ...submissions] = files
      if (scenario === undefined) throw usage('check needs a scenario')
      return check(scenario, submissions, options)
    }
    case 'wait':
      return waitFor(request, options, clusters)
    default:
      return look(request, options, clusters)
  }
}

function look({ verb, files }: VerbRequest, options: Options, clusters: Clusters): VerbOutcome {
  const run = LOOKING.get(verb)
  if (run === undefined) throw usage(`unknown verb "${verb}"; one of ${VERBS.join(', ')}`)
  const dumps = ruleFiles(options).map(({ file }) => file)
  const { stands } = clusters
  const made = files.filter((file) => !dumps.includes(file.name))
  // A trace's seed draws its packets' ways; the cluster is the same for every one.
  const cluster = clusters.look(made, options, verb === 'trace' ? '' : seedOf(options))
  if (stands) settle(cluster.session)
  return run({ cluster, options, files, stands })
}

interface Look {
  readonly cluster: Cluster
  readonly options: Options
  readonly files: readonly SourceFile[]
  readonly stands: boolean
}

/** Verbs that change nothing. */
const LOOKING: ReadonlyMap<string, (look: Look) => VerbOutcome> = new Map([
  ['rules', ({ cluster, options }: Look) => rules(cluster, options)],
  ['trace', ({ cluster, options, files }: Look) => trace(cluster, options, files)],
  ['schedule', ({ cluster, options }: Look) => schedule(cluster, options)],
  ['reach', ({ cluster, options }: Look) => reach(cluster, options)],
  ['run', ({ cluster }: Look) => run(cluster)],
  [
    'digest',
    ({ cluster, options, stands }: Look) =>
      stands || cluster.isShared === true ? digestNow(cluster, options) : digest(cluster, options),
  ],
])

function runKubectlVerb({ args, files, found = [] }: VerbRequest, clusters: Clusters): VerbOutcome {
  const { own, words } = splitKubectl(args)
  expectOnly(own, COMMON, 'kubectl')
  const { session } = isLooking(words) ? clusters.look(files, own) : clusters.act(files, own)
  const byName = Object.fromEntries([...files, ...found].map((file) => [file.name, file.text]))
  return kubectl(session, words, byName)
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

function waitFor({ files }: VerbRequest, options: Options, clusters: Clusters): VerbOutcome {
  const [text = ''] = options.words
  const us = parseDuration(text)
  if (us === undefined || us < 0) throw usage(`"${text}" is not a time such as 30s or 1m30s`)
  actInTerminal(clusters.act(files, options).session, { type: 'wait', us })
  return done('')
}
