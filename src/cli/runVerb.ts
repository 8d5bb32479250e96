import type { SourceFile } from '../scenario/index.js'
import { parseDuration } from '../scenario/index.js'
import { actInTerminal, settle } from '../session/index.js'
import type { Cluster } from './cluster.js'
import { openCluster } from './cluster.js'
import type { Options } from './options.js'
import { readOptions } from './options.js'
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

function keep({ cluster }: VerbRequest): { readonly cluster?: Cluster } {
  return cluster === undefined ? {} : { cluster }
}

function dispatch(request: VerbRequest): VerbDone {
  const { verb, args, files } = request
  if (verb === 'kubectl') return runKubectlVerb(request)
  const options = readOptions(args)
  switch (verb) {
    case 'link':
      return link(files)
    case 'open':
      return open(options.words[0] ?? files[0]?.text ?? '')
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
  const cluster = opened ?? openCluster(scenarioFiles, options)
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
  const dashes = args.indexOf('--')
  const own = opened === undefined && dashes >= 0 ? readOptions(args.slice(0, dashes)) : readOptions([])
  const words = opened === undefined && dashes >= 0 ? args.slice(dashes + 1) : args
  const cluster = opened ?? openCluster(files, own)
  const byName = Object.fromEntries([...files, ...found].map((file) => [file.name, file.text]))
  return { ...kubectl(cluster.session, words, byName), cluster }
}

function waitFor({ files, cluster: opened }: VerbRequest, options: Options): VerbDone {
  const [text = ''] = options.words
  const us = parseDuration(text)
  if (us === undefined || us < 0) throw usage(`"${text}" is not a time such as 30s or 1m30s`)
  const cluster = opened ?? openCluster(files, options)
  actInTerminal(cluster.session, { type: 'wait', us })
  return { ...done(''), cluster }
}
