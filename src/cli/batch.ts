import { isRecord } from '../scenario/index.js'
import type { Cluster } from './cluster.js'
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
  private readonly sessions = new Map<string, Cluster>()

  /** @param line one request in JSON. @returns the answer in JSON, without a line break. */
  answer(line: string): string {
    const read = readLine(line)
    if (typeof read === 'string') return JSON.stringify({ id: null, exit: 2, stdout: '', stderr: `${read}\n` })
    const { id, verb, args, session } = read
    const files = Object.entries(read.files).map(([name, text]) => ({ name, text }))
    const cluster = session === undefined ? undefined : this.sessions.get(session)
    const request: VerbRequest = { verb, args, files, ...(cluster === undefined ? {} : { cluster }) }
    const { cluster: now, exit, stdout, stderr } = runSafely(request)
    if (session !== undefined && now !== undefined) this.sessions.set(session, now)
    return JSON.stringify({ id, exit, stdout, stderr })
  }
}

/** A fault of ours in one request is told, and the next one is answered all the same. */
function runSafely(request: VerbRequest): ReturnType<typeof runVerb> {
  try {
    return runVerb(request)
  } catch (error) {
    return {
      exit: 1,
      stdout: '',
      stderr: `internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    }
  }
}

function readLine(line: string): BatchLine | string {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return 'the line is no JSON'
  }
  if (!isRecord(value) || typeof value['verb'] !== 'string') return 'a request needs a verb'
  const { id = null, verb, files = {}, args = [], session } = value
  if (!isRecord(files) || !Object.values(files).every((each) => typeof each === 'string')) return 'files must map names to texts'
  if (!Array.isArray(args) || !args.every((each) => typeof each === 'string')) return 'args must be a list of strings'
  const texts = Object.fromEntries(Object.entries(files).map(([name, text]) => [name, String(text)]))
  return { id, verb, files: texts, args, session: typeof session === 'string' ? session : undefined }
}
