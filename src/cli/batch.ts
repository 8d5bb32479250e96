import { isRecord } from '../scenario/index.js'
import type { Clusters } from './clusters.js'
import { KeptClusters, SessionClusters } from './clusters.js'
import type { VerbOutcome } from './outcome.js'
import { internalError } from './outcome.js'
import type { VerbRequest } from './runVerb.js'
import { runVerb } from './runVerb.js'

interface BatchLine {
  readonly id: unknown
  readonly verb: string
  readonly files: Readonly<Record<string, string>>
  readonly args: readonly string[]
  readonly session: string | undefined
}

/** Answers requests one by one; requests of one session act on one cluster, made by the first one's files. */
export class Batch {
  private readonly sessions = new Map<string, SessionClusters>()
  private readonly kept = new KeptClusters()

  /** @param line one request in JSON. @returns the answer in JSON, without a line break. */
  answer(line: string): string {
    const read = readLine(line)
    if ('fault' in read) return JSON.stringify({ id: read.id, exit: 2, stdout: '', stderr: `${read.fault}\n` })
    const { id, verb, args, session } = read
    const files = Object.entries(read.files).map(([name, text]) => ({ name, text }))
    const { exit, stdout, stderr } = runSafely({ verb, args, files }, this.clustersOf(session))
    return JSON.stringify({ id, exit, stdout, stderr })
  }

  private clustersOf(session: string | undefined): Clusters {
    if (session === undefined) return this.kept
    const clusters = this.sessions.get(session) ?? new SessionClusters()
    this.sessions.set(session, clusters)
    return clusters
  }
}

/** A fault of ours in one request is told, and the next one is answered all the same. */
function runSafely(request: VerbRequest, clusters: Clusters): VerbOutcome {
  try {
    return runVerb(request, clusters)
  } catch (error) {
    return internalError(error)
  }
}

/** A request that cannot be read is answered too, with its id where it has one. */
function readLine(line: string): BatchLine | { readonly id: unknown; readonly fault: string } {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return { id: null, fault: 'the line is no JSON' }
  }
  if (!isRecord(value)) return { id: null, fault: 'a request must be an object with a verb' }
  const { id = null, verb, files, args, session } = value
  if (typeof verb !== 'string') return { id, fault: 'a request needs a verb' }
  const texts = files ?? {}
  if (!isRecord(texts) || !Object.values(texts).every(isText)) return { id, fault: 'files must map names to texts' }
  const words = args ?? []
  if (!Array.isArray(words) || !words.every(isText)) return { id, fault: 'args must be a list of strings' }
  if (session !== undefined && session !== null && !isText(session) && typeof session !== 'number')
    return { id, fault: 'a session is named by a string' }
  const named = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, String(text)]))
  return { id, verb, files: named, args: words, session: session === undefined || session === null ? undefined : String(session) }
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}
