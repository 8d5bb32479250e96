import type { SourceDocument, SourceFile } from '../../scenario/index.js'
import { formatSourceError, isRecord, locate, readDocuments } from '../../scenario/index.js'
import type { Session } from '../../session/index.js'
import { act, runChecks, seekEnd } from '../../session/index.js'
import { linkText, openCluster, openLink, readInput } from '../cluster.js'
import type { Options } from '../options.js'
import { isOn } from '../options.js'
import type { VerbOutcome } from '../outcome.js'
import { refused } from '../outcome.js'

/** Runs a scenario's checks on a submission: manifests that are applied to its cluster, or a share link whose actions are done again. */
export function check(scenario: SourceFile, submissions: readonly SourceFile[], options: Options): VerbOutcome {
  const input = readInput([scenario])
  if (input.checks.length === 0) throw refused(`${scenario.name}: the scenario has no checks`)
  const session = openSubmission(scenario, submissions, options)
  const results = runChecks(session, input.checks).map((each) => ({ ...each, name: each.name.en }))
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
