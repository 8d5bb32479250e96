import type { Answer, PageMessage } from '../protocol/index.js'
import { ENGINE_VERSION, encodeLink, encodeSaved, Refused } from '../protocol/index.js'
import { withoutStory } from '../scenario/index.js'
import {
  answeredStory,
  checkManifest,
  diffDump,
  exploreFrom,
  exportScenario,
  inspectThing,
  missesOf,
  readWithKubectl,
  rulesOfObject,
  rulesOfSync,
  runChecks,
  sourceOfRule,
  walkDump,
} from '../session/index.js'
import { assertNever } from '../sim/index.js'
import type { OpenCluster } from './openCluster.js'

/** Messages that change nothing. */
type Question = Exclude<PageMessage, { readonly type: 'open' | 'act' | 'seek' | 'undo' | 'start-over' | 'digest' }>

/** Answers a question about the present position. @throws Refused when it has no answer. */
export function answerQuestion(open: OpenCluster, message: Question): Answer {
  const { session } = open
  switch (message.type) {
    case 'explore': {
      const explored = exploreFrom(session, message.request)
      if (!explored.ok) throw new Refused('bad-request', { message: explored.error })
      return { type: 'explore', outcomes: explored.value }
    }
    case 'misses':
      return { type: 'misses', misses: missesOf(session, message.step) }
    case 'inspect':
      return { type: 'inspect', thing: message.thing, details: inspectThing(session, message.thing) }
    case 'rule-origin':
      return { type: 'rule-origin', source: sourceOfRule(session, message.node, message.rule) }
    case 'rules-of-service':
      return { type: 'rules-of-service', nodes: rulesOfObject(session, message) }
    case 'sync-rules':
      return { type: 'sync-rules', rules: rulesOfSync(session, message.step) }
    case 'try-dump':
      return tryDump(session, message)
    case 'kubectl-read':
      return { type: 'kubectl-read', ...readWithKubectl(session, message.args) }
    case 'check-manifest':
      return { type: 'check-manifest', diagnostics: checkManifest(session, message.text) }
    case 'story':
      return { type: 'story', story: answeredStory(session, open.input) }
    case 'checks':
      return { type: 'checks', checks: runChecks(session, open.input.checks) }
    case 'manifests':
      return { type: 'manifests', text: open.report.manifests }
    case 'link':
      return { type: 'link', text: linkOf(open, message.view) }
    case 'save':
      return { type: 'saved', text: encodeSaved({ link: linkOf(open, message.view), undo: session.undo }) }
    case 'export':
      return { type: 'export', name: `${open.input.name}.yaml`, text: exportScenario(session, open.input) }
    default:
      return assertNever(message)
  }
}

function tryDump(
  session: OpenCluster['session'],
  { node, text, packet }: Extract<Question, { readonly type: 'try-dump' }>,
): Answer {
  const diff = diffDump(session, node, text)
  if (!diff.ok) return { type: 'try-dump', fault: diff.error }
  if (packet === undefined) return { type: 'try-dump', diff: diff.value }
  const walk = walkDump(session, node, text, packet)
  return { type: 'try-dump', diff: diff.value, ...(walk.ok ? { walk: walk.value } : { fault: walk.error }) }
}

function linkOf({ id, input, session }: OpenCluster, view: Readonly<Record<string, string>>): string {
  return encodeLink({
    engine: ENGINE_VERSION,
    id,
    files: input.files.map(({ name, text }) => ({ name, text: id === '' ? text : withoutStory(text) })),
    seed: input.seed,
    actions: session.history.actions,
    position: { step: session.position, at: session.history.world.now },
    view,
  })
}
