import { isRecord } from '../../../scenario/index.js'
import type { CommandInput, CommandOutput } from '../../command.js'
import { failed } from '../../command.js'
import { plainError } from '../../errors.js'
import { fetchTargets, isError } from '../../targets.js'
import { Writing } from '../../writing.js'
import { chooseBuilt } from '../change.js'
import { submit } from '../submit.js'
import type { Container } from './podTemplate.js'
import { mapContainers, podSpecOf, selectContainers, withPodSpec } from './podTemplate.js'

type Amounts = Readonly<Record<string, string>>

/** `kubectl set resources`. Source: kubernetes kubectl pkg/cmd/set/set_resources.go */
export function setResources(input: CommandInput, words: readonly string[]): CommandOutput {
  const { args } = input
  const chosen = chooseBuilt(input, words)
  if (isError(chosen)) return failed(chosen)
  const { found, errors } = fetchTargets(input, chosen.targets)
  if (errors.length > 0) return failed(...errors)
  if (args.flag('all') && args.isSet('selector')) return failed(plainError('cannot set --all and --selector at the same time'))
  const limits = readAmounts(args.text('limits'))
  const requests = readAmounts(args.text('requests'))
  if (limits === undefined && requests === undefined) {
    return failed(plainError('you must specify an update to requests or limits (in the form of --requests/--limits)'))
  }
  for (const each of [limits, requests])
    if (each !== undefined && 'problem' in each) return failed(plainError(each['problem'] ?? ''))
  const pattern = args.text('containers') ?? '*'
  const writing = new Writing(input)
  for (const each of found) {
    const spec = podSpecOf(each)
    if (spec === undefined) continue
    if (selectContainers(spec, pattern).length === 0) {
      writing.errors.push(plainError(`error: unable to find container named ${pattern}`))
      continue
    }
    const changed = mapContainers(spec, pattern, (container) => withAmounts(container, { limits, requests }))
    const doing = 'failed to patch resources update to pod template'
    const how = { done: 'resource requirements updated', manager: 'kubectl-set', doing }
    submit(writing, input, each, { after: withPodSpec(each, changed), how })
  }
  return writing.result()
}

/** `cpu=200m,memory=1Gi`. Source: kubernetes kubectl pkg/generate/versioned/generate.go populateResourceListV1 */
function readAmounts(text: string | undefined): Amounts | undefined {
  if (text === undefined || text === '') return undefined
  const amounts: Record<string, string> = {}
  for (const statement of text.split(',')) {
    const parts = statement.split('=')
    if (parts.length !== 2) return { problem: `Invalid argument syntax ${statement}, expected <resource>=<value>` }
    amounts[parts[0] ?? ''] = parts[1] ?? ''
  }
  return amounts
}

interface Wanted {
  readonly limits: Amounts | undefined
  readonly requests: Amounts | undefined
}

function withAmounts(container: Container, { limits, requests }: Wanted): Container {
  const before = isRecord(container['resources']) ? container['resources'] : {}
  const merged = (name: string, wanted: Amounts | undefined): object =>
    wanted === undefined ? {} : { [name]: { ...(isRecord(before[name]) ? before[name] : {}), ...wanted } }
  return { ...container, resources: { ...before, ...merged('limits', limits), ...merged('requests', requests) } }
}
