import type { CheckInput, SourceDocument, SourceFile } from '../../scenario/index.js'
import { formatSourceError, isRecord, locate, readDocuments, splitPath } from '../../scenario/index.js'
import type { Session } from '../../session/index.js'
import { act, exploreFrom, seekEnd } from '../../session/index.js'
import { findByAnyName, getStoredOf } from '../../sim/index.js'
import { linkText, openCluster, openLink, readInput } from '../cluster.js'
import type { Options } from '../options.js'
import { isOn } from '../options.js'
import type { VerbOutcome } from '../outcome.js'
import { refused } from '../outcome.js'

interface CheckResult {
  readonly name: string
  readonly ok: boolean
  /** What was found, where it was not what is asked for. */
  readonly found?: string
}

/** Runs a scenario's checks on a submission: manifests that are applied to its cluster, or a share link whose actions are done again. */
export function check(scenario: SourceFile, submissions: readonly SourceFile[], options: Options): VerbOutcome {
  const input = readInput([scenario])
  if (input.checks.length === 0) throw refused(`${scenario.name}: the scenario has no checks`)
  const session = openSubmission(scenario, submissions, options)
  const results = input.checks.map((each) => runCheck(session, each))
  const passed = results.every((each) => each.ok)
  const text = isOn(options, 'json')
    ? `${JSON.stringify({ passed, checks: results })}\n`
    : results
        .map(
          (each) => `${each.ok ? 'ok    ' : 'not ok'}  ${each.name}${each.found === undefined ? '' : `: found ${each.found}`}\n`,
        )
        .join('')
  return { exit: passed ? 0 : 1, stdout: text, stderr: '' }
}

function openSubmission(scenario: SourceFile, submissions: readonly SourceFile[], options: Options): Session {
  const link = submissions.map((each) => linkText(each.text) ?? linkText(each.name)).find((each) => each !== undefined)
  if (link !== undefined) {
    const { session } = openLink(link)
    seekEnd(session)
    return session
  }
  const { session } = openCluster([scenario], options)
  for (const { name, text } of submissions) {
    const read = readDocuments([{ name, text }])
    if (!read.ok) throw refused(read.error.map(formatSourceError).join('\n'))
    const acted = act(session, { type: 'kubectl', args: ['apply', '-f', name], files: { [name]: text } })
    seekEnd(session)
    if (acted.kubectl !== undefined && acted.kubectl.exit !== 0)
      throw refused(placeKubectlError(acted.kubectl.stderr.trim(), { name, text }, read.value.documents))
  }
  return session
}

/** kubectl's words, behind the place of the object (and of the field, where they name one) that they are about. */
function placeKubectlError(message: string, file: SourceFile, documents: readonly SourceDocument[]): string {
  const invalid = /^The (\w+) "([^"]+)" is invalid:\s+(?:\* )?([\w.[\]]+)?/.exec(message)
  const unmapped = /not found for name: "([^"]*)" .* no matches for kind "([^"]+)"/.exec(message)
  const kind = invalid?.[1] ?? unmapped?.[2] ?? ''
  const name = invalid?.[2] ?? unmapped?.[1] ?? ''
  const about = documents.find(({ value }) => {
    if (!isRecord(value)) return false
    const metadata = isRecord(value['metadata']) ? value['metadata'] : {}
    return value['kind'] === kind && (metadata['name'] ?? '') === name
  })
  if (about === undefined) return message
  const { line, column } = locate(file, about.document, invalid?.[3] ?? '', about.path)
  return `${file.name}:${line}:${column}: ${message}`
}

function runCheck(session: Session, each: CheckInput): CheckResult {
  const name = each.name.en
  if (each.kind === 'object') {
    const found = fieldOf(session, each)
    const ok = JSON.stringify(found ?? null) === JSON.stringify(each.equals ?? null)
    return ok ? { name, ok } : { name, ok, found: found === undefined ? 'nothing' : JSON.stringify(found) }
  }
  const explored = exploreFrom(session, each.request)
  if (!explored.ok) return { name, ok: false, found: explored.error }
  const verdicts = [...new Set(explored.value.map((outcome) => outcome.verdict))]
  const pods = explored.value.map((outcome) => outcome.to?.pod ?? '')
  const missing = (each.pods ?? []).filter(
    (wanted) => !pods.some((pod) => (wanted.endsWith('*') ? pod.startsWith(wanted.slice(0, -1)) : pod === wanted)),
  )
  const ok = verdicts.length === 1 && verdicts[0] === each.verdict && missing.length === 0
  return ok
    ? { name, ok }
    : { name, ok, found: `${verdicts.join(', ')}${missing.length === 0 ? '' : `; not ${missing.join(', ')}`}` }
}

function fieldOf(session: Session, { resource, key, path }: Extract<CheckInput, { kind: 'object' }>): unknown {
  const info = findByAnyName(resource)
  if (info === undefined || info.resource === 'bindings') return undefined
  const object = getStoredOf(session.history.world.parts.etcd, info.resource, key)
  return splitPath(path).reduce<unknown>((from, part) => {
    if (Array.isArray(from)) return from[Number(part)]
    return typeof from === 'object' && from !== null ? Object.entries(from).find(([name]) => name === part)?.[1] : undefined
  }, object)
}
