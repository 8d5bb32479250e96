import { isRecord } from '../../scenario/index.js'
import type { Command, CommandInput, CommandOutput } from '../command.js'
import { failed } from '../command.js'
import { apiError, plainError } from '../errors.js'
import { fetchTargets, isError } from '../targets.js'
import { WRITE_FLAGS, Writing } from '../writing.js'
import { chooseBuilt, send } from './change.js'

export const scale: Command = {
  flags: {
    ...WRITE_FLAGS,
    replicas: { kind: 'int' },
    'current-replicas': { kind: 'int' },
    'resource-version': { kind: 'string' },
    timeout: { kind: 'duration' },
  },
  run: runScale,
}

/** Source: kubernetes kubectl pkg/cmd/scale/scale.go */
function runScale(input: CommandInput): CommandOutput {
  const { args } = input
  const asked = args.text('replicas')
  if (asked === undefined) return failed(plainError('required flag(s) "replicas" not set'))
  const replicas = Number(asked)
  if (replicas < 0) {
    return failed(plainError('The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0'))
  }
  const current = Number(args.text('current-replicas') ?? -1)
  if (current < -1) {
    return failed(plainError('The --current-replicas must specify an integer of -1 or greater'))
  }
  const named = chooseBuilt(input, args.words)
  if (isError(named)) return failed(named)
  const { found, errors } = fetchTargets(input, named.targets)
  if (args.isSet('resource-version') && found.length > 1) {
    return failed(plainError('cannot use --resource-version with multiple resources'))
  }
  if (found.length === 0) {
    const why = errors.map((each) => (each.kind === 'api' ? each.error.message : each.message))
    const told = why.length > 1 ? `[${why.join(', ')}]` : (why[0] ?? '<nil>')
    return failed(plainError(`no objects passed to scale ${told}`))
  }
  const writing = new Writing(input)
  writing.errors.push(...errors)
  const expected = args.text('current-replicas')
  for (const each of found) {
    const current = isRecord(each.object['spec']) ? Number(each.object['spec']['replicas'] ?? 1) : 0
    if (!each.info.subresources.includes('scale')) {
      writing.errors.push(
        apiError({ code: 404, reason: 'NotFound', message: 'the server could not find the requested resource' }),
      )
      continue
    }
    if (expected !== undefined && Number(expected) >= 0 && Number(expected) !== current) {
      writing.errors.push(plainError(`Expected replicas to be ${expected}, was ${current}`))
      continue
    }
    const sent = send(writing, input, each, { patch: { spec: { replicas } }, manager: 'kubectl' })
    if (sent.ok) writing.report(each.info, sent.value, 'scaled')
    else writing.errors.push(apiError(sent.error))
  }
  return writing.result()
}
