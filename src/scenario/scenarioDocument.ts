import type { Verdict } from '../sim/index.js'
import { readAction, readRequest } from './actionFields.js'
import { parseDuration } from './duration.js'
import type { FieldReader } from './fields.js'
import type {
  CheckInput,
  LocalText,
  PredictionInput,
  Query,
  RequestFact,
  StoryInput,
  StoryStepInput,
  TimedAction,
} from './types.js'

/** What our own document adds to the manifests. */
export interface ScenarioSpec {
  readonly name: string
  readonly seed: string | undefined
  readonly joinLater: readonly string[]
  readonly story: StoryInput | undefined
  readonly actions: readonly TimedAction[]
  readonly checks: readonly CheckInput[]
}

const SPEC_FIELDS = ['seed', 'title', 'summary', 'question', 'misconception', 'joinLater', 'steps', 'actions', 'checks']
const VERDICTS: readonly Verdict[] = ['delivered', 'refused', 'rejected', 'dropped', 'no-route', 'timeout', 'unresolved']
const REQUEST_FACTS: readonly RequestFact[] = ['verdict', 'node', 'pod', 'masqueraded', 'sourceSeen', 'with']

/** Reads `kind: Scenario` of `podpath.dev/v1alpha1`; its form is told in docs/scenarios.md. */
export function readScenarioDocument(value: Readonly<Record<string, unknown>>, reader: FieldReader): ScenarioSpec {
  reader.only(value, '', ['apiVersion', 'kind', 'metadata', 'spec'])
  const metadata = reader.record(value['metadata'], 'metadata')
  const spec = reader.record(value['spec'], 'spec')
  reader.only(spec, 'spec', SPEC_FIELDS)
  const steps = reader.list(spec['steps'], 'spec.steps').map((each, index) => readStep(each, `spec.steps[${index}]`, reader))
  const title = readText(spec['title'], 'spec.title', reader)
  const empty: LocalText = { en: '' }
  return {
    name: reader.required(metadata['name'], 'metadata.name'),
    seed: reader.text(spec['seed'], 'spec.seed'),
    joinLater: reader
      .list(spec['joinLater'], 'spec.joinLater')
      .map((each, index) => reader.required(each, `spec.joinLater[${index}]`)),
    story:
      title === undefined
        ? undefined
        : {
            title,
            summary: readText(spec['summary'], 'spec.summary', reader) ?? empty,
            question: readText(spec['question'], 'spec.question', reader) ?? empty,
            misconception: readText(spec['misconception'], 'spec.misconception', reader) ?? empty,
            steps,
          },
    actions: reader
      .list(spec['actions'], 'spec.actions')
      .flatMap((each, index) => readTimed(each, `spec.actions[${index}]`, reader)),
    checks: reader.list(spec['checks'], 'spec.checks').flatMap((each, index) => readCheck(each, `spec.checks[${index}]`, reader)),
  }
}

/** A text: a plain string is English; a map holds the languages. */
function readText(value: unknown, path: string, reader: FieldReader): LocalText | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string') return { en: value.trim() }
  const map = reader.record(value, path)
  reader.only(map, path, ['en', 'zh-TW', 'zh-CN'])
  const traditional = reader.text(map['zh-TW'], `${path}.zh-TW`)
  const simplified = reader.text(map['zh-CN'], `${path}.zh-CN`)
  return {
    en: reader.required(map['en'], `${path}.en`).trim(),
    ...(traditional === undefined ? {} : { 'zh-TW': traditional.trim() }),
    ...(simplified === undefined ? {} : { 'zh-CN': simplified.trim() }),
  }
}

function readStep(value: unknown, path: string, reader: FieldReader): StoryStepInput {
  const step = reader.record(value, path)
  reader.only(step, path, ['text', 'action', 'actionLabel', 'level', 'open', 'predict'])
  const text = readText(step['text'], `${path}.text`, reader)
  if (text === undefined) reader.report(`${path}.text`, 'missing-field', 'is required')
  const action = step['action'] === undefined ? undefined : readAction(step['action'], `${path}.action`, reader)
  const actionLabel = readText(step['actionLabel'], `${path}.actionLabel`, reader)
  const level = reader.oneOf(step['level'], `${path}.level`, ['overview', 'stations', 'rules'] as const)
  const open = reader.text(step['open'], `${path}.open`)
  const prediction = step['predict'] === undefined ? undefined : readPrediction(step['predict'], `${path}.predict`, reader)
  return {
    text: text ?? { en: '' },
    ...(action === undefined ? {} : { action }),
    ...(actionLabel === undefined ? {} : { actionLabel }),
    ...(level === undefined ? {} : { level }),
    ...(open === undefined ? {} : { open }),
    ...(prediction === undefined ? {} : { prediction }),
  }
}

function readPrediction(value: unknown, path: string, reader: FieldReader): PredictionInput | undefined {
  const predict = reader.record(value, path)
  reader.only(predict, path, ['question', 'choices', 'answer', 'when'])
  const question = readText(predict['question'], `${path}.question`, reader)
  const query = readQuery(predict['answer'], `${path}.answer`, reader)
  if (question === undefined) reader.report(`${path}.question`, 'missing-field', 'is required')
  if (question === undefined || query === undefined) return undefined
  const choices = reader.list(predict['choices'], `${path}.choices`).map((each, index) => {
    const at = `${path}.choices[${index}]`
    const choice = reader.record(each, at)
    reader.only(choice, at, ['value', 'text'])
    const answer = reader.required(choice['value'], `${at}.value`)
    return { value: answer, text: readText(choice['text'], `${at}.text`, reader) ?? { en: answer } }
  })
  if (choices.length < 2) reader.report(`${path}.choices`, 'bad-field', 'must have at least two choices')
  const when = reader.oneOf(predict['when'], `${path}.when`, ['before', 'after'] as const) ?? 'after'
  return { question, choices, query, when }
}

/** The answer is never written down: it names the fact that the simulation is asked for. */
function readQuery(value: unknown, path: string, reader: FieldReader): Query | undefined {
  const query = reader.record(value, path)
  const [ask] = Object.keys(query)
  const fields = reader.record(query[ask ?? ''], `${path}.${ask}`)
  const at = `${path}.${ask}`
  switch (ask) {
    case 'request': {
      const fact = reader.oneOf(fields['fact'], `${at}.fact`, REQUEST_FACTS) ?? 'verdict'
      return { ask, request: readRequest(fields, at, reader, ['fact']), fact }
    }
    case 'explore': {
      const fact = reader.oneOf(fields['fact'], `${at}.fact`, ['destinations', 'share', 'verdicts'] as const) ?? 'destinations'
      return { ask, request: readRequest(fields, at, reader, ['fact']), fact }
    }
    case 'object':
      reader.only(fields, at, ['resource', 'key', 'path'])
      return {
        ask,
        resource: reader.required(fields['resource'], `${at}.resource`),
        key: reader.required(fields['key'], `${at}.key`),
        path: reader.required(fields['path'], `${at}.path`),
      }
    case 'steps': {
      reader.only(fields, at, ['kind', 'where', 'distinct', 'flow'])
      const distinct = reader.text(fields['distinct'], `${at}.distinct`)
      return {
        ask,
        kind: reader.required(fields['kind'], `${at}.kind`),
        where: reader.strings(fields['where'], `${at}.where`),
        flow: reader.oneOf(fields['flow'], `${at}.flow`, ['latest', 'all'] as const) ?? 'latest',
        ...(distinct === undefined ? {} : { distinct }),
      }
    }
    case 'rules':
      reader.only(fields, at, ['node', 'mention'])
      return {
        ask,
        node: reader.required(fields['node'], `${at}.node`),
        mention: reader.required(fields['mention'], `${at}.mention`),
      }
    default:
      reader.report(path, 'bad-field', 'must be one of request, explore, object, steps, rules')
      return undefined
  }
}

function readTimed(value: unknown, path: string, reader: FieldReader): readonly TimedAction[] {
  const timed = reader.record(value, path)
  const { at, ...rest } = timed
  const text = reader.text(at, `${path}.at`) ?? '0s'
  const when = parseDuration(text)
  if (when === undefined || when < 0) reader.report(`${path}.at`, 'bad-field', `"${text}" is not a time such as 5s or 1m30s`)
  const action = readAction(rest, path, reader)
  return action === undefined || when === undefined ? [] : [{ at: when, action }]
}

function readCheck(value: unknown, path: string, reader: FieldReader): readonly CheckInput[] {
  const check = reader.record(value, path)
  reader.only(check, path, ['name', 'object', 'trace'])
  const name = readText(check['name'], `${path}.name`, reader) ?? { en: path }
  if (check['object'] !== undefined) {
    const at = `${path}.object`
    const fields = reader.record(check['object'], at)
    reader.only(fields, at, ['resource', 'key', 'path', 'equals'])
    const resource = reader.required(fields['resource'], `${at}.resource`)
    const key = reader.required(fields['key'], `${at}.key`)
    return [
      {
        name,
        kind: 'object',
        resource,
        key,
        path: reader.required(fields['path'], `${at}.path`),
        equals: fields['equals'] ?? null,
      },
    ]
  }
  if (check['trace'] !== undefined) {
    const at = `${path}.trace`
    const fields = reader.record(check['trace'], at)
    const verdict = reader.oneOf(fields['verdict'], `${at}.verdict`, VERDICTS) ?? 'delivered'
    const pods = reader.list(fields['pods'], `${at}.pods`).map((each, index) => reader.required(each, `${at}.pods[${index}]`))
    return [
      {
        name,
        kind: 'trace',
        request: readRequest(fields, at, reader, ['verdict', 'pods']),
        verdict,
        ...(pods.length > 0 ? { pods } : {}),
      },
    ]
  }
  reader.report(path, 'missing-field', 'needs object or trace')
  return []
}
