import { isRecord, parseDuration } from '../../scenario/index.js'
import { own } from '../../sim/index.js'
import type { CommandInput, CommandOutput } from '../command.js'
import { failed } from '../command.js'
import { apiError, plainError } from '../errors.js'

const POLL_US = 250_000
const DEFAULT_TIMEOUT_US = 30_000_000

/**
 * `--raw PATH`: one request as it stands, its answer as it comes. A watch lasts for its `timeoutSeconds`, then tells what it brought.
 * Source: kubernetes kubectl pkg/rawhttp/raw.go
 */
export function runRaw(input: CommandInput, verb: 'GET' | 'POST' | 'PUT' | 'DELETE'): CommandOutput {
  const { args, env } = input
  const raw = args.text('raw') ?? ''
  if (args.words.length > 0) return failed(plainError('arguments may not be passed when --raw is specified'))
  if (!raw.startsWith('/'))
    return failed(plainError(`--raw must be a valid URL path: parse ${JSON.stringify(raw)}: invalid URI for request`))
  const [file] = args.list('filename')
  if (verb !== 'GET' && verb !== 'DELETE' && file === undefined) {
    return failed(plainError('--raw can only use a single local file or stdin'))
  }
  const body = file === undefined ? undefined : own(env.files, file)
  if (file !== undefined && body === undefined) return failed(plainError(`open ${file}: no such file or directory`))
  const [path = '', search = ''] = raw.split('?', 2)
  const query = readQuery(search)
  const request = { verb, path, query, ...(body === undefined ? {} : { body, contentType: 'application/json' }) }
  if (verb === 'GET' && (query['watch'] === 'true' || query['watch'] === '1')) return watch(input, request)
  return answerOf(env.api.request(request))
}

type RawRequest = Parameters<CommandInput['env']['api']['request']>[0]

/** Waits as long as the watch is open; what happened meanwhile is told at its end. */
function watch({ env }: CommandInput, request: RawRequest): CommandOutput {
  const { resume, now, api } = env
  const seconds = Number(request.query?.['timeoutSeconds'] ?? 0)
  const lasts = seconds > 0 ? seconds * 1_000_000 : DEFAULT_TIMEOUT_US
  const openedAt = resume === undefined ? presentRevision(api, request) : Number(resume.memory)
  const answer = api.request({ ...request, openedAt })
  if (answer.code !== 200 || now - (resume?.startedAt ?? now) >= lasts) return answerOf(answer)
  return { waiting: { pollUs: POLL_US, memory: String(openedAt) } }
}

function presentRevision(api: CommandInput['env']['api'], request: RawRequest): number {
  const { body } = api.request({ verb: 'GET', path: request.path, query: { limit: '1' } })
  const metadata = isRecord(body) && isRecord(body['metadata']) ? body['metadata'] : {}
  return Number(metadata['resourceVersion'] ?? 0)
}

function readQuery(text: string): Readonly<Record<string, string>> {
  const pairs = text
    .split('&')
    .filter((each) => each !== '')
    .map((each) => {
      const equals = each.indexOf('=')
      return equals < 0 ? [decode(each), ''] : [decode(each.slice(0, equals)), decode(each.slice(equals + 1))]
    })
  return Object.fromEntries(pairs)
}

function decode(text: string): string {
  const spaced = text.replaceAll('+', ' ')
  return /%(?![0-9a-fA-F]{2})/.test(spaced) ? spaced : safeDecode(spaced)
}

/** Bytes that are no UTF-8 stay as they are written. */
function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function answerOf({ code, body, warnings }: ReturnType<CommandInput['env']['api']['request']>): CommandOutput {
  const stderr = warnings.map((each) => `Warning: ${each.replace(/^299 - "(.*)"$/s, '$1').replaceAll('\\"', '"')}\n`).join('')
  if (code >= 400 && isRecord(body)) {
    const { reason = '', message = '', details } = body
    const error = { code, reason: String(reason), message: String(message) }
    const causes = isRecord(details) ? { details: details as NonNullable<Parameters<typeof apiError>[0]['details']> } : {}
    return { stderr, errors: [apiError({ ...error, ...causes })] }
  }
  if (typeof body === 'string') return { stdout: body, stderr }
  if (Array.isArray(body)) return { stdout: body.map((each) => `${JSON.stringify(each)}\n`).join(''), stderr }
  return { stdout: `${JSON.stringify(inWireOrder(body))}\n`, stderr }
}

/** Kind and version come first, as Go's structs have them. */
function inWireOrder(body: unknown): unknown {
  if (!isRecord(body)) return body
  const { kind, apiVersion, metadata, ...rest } = body
  return {
    ...(kind === undefined ? {} : { kind }),
    ...(apiVersion === undefined ? {} : { apiVersion }),
    ...(metadata === undefined ? {} : { metadata }),
    ...rest,
  }
}

/** How long a command with `--request-timeout` may take, in microseconds; undefined without. */
export function requestTimeout({ args }: CommandInput): number | undefined {
  const text = args.text('request-timeout')
  if (text === undefined || text === '0') return undefined
  return /^\d+$/.test(text) ? Number(text) * 1_000_000 : parseDuration(text)
}
