import type { Command, CommandInput, CommandOutput } from '../command.js'
import { failed } from '../command.js'
import { describeObject } from '../describe/index.js'
import { plainError } from '../errors.js'
import { readFilenames } from '../filenames.js'
import type { Found, Target } from '../targets.js'
import { ENDPOINTS_WARNING, fetchTargets, isError, readTargets } from '../targets.js'
import { SELECTION_FLAGS } from './get.js'

export const describe: Command = {
  flags: { ...SELECTION_FLAGS, 'show-events': { kind: 'bool' } },
  run,
}

function run(input: CommandInput): CommandOutput {
  const { args, env } = input
  const files = args.list('filename')
  if (args.words.length === 0 && files.length === 0) {
    return failed(
      plainError(
        'You must specify the type of resource to describe. Use "kubectl api-resources" for a complete list of supported resources.',
      ),
    )
  }
  const named = files.length > 0 ? readFilenames(input, files) : readTargets(args.words)
  if (isError(named)) return failed(named)
  const { found, errors } = fetchPrefixes(input, named.targets)
  const warning = named.targets.some((each) => each.info.resource === 'endpoints') ? ENDPOINTS_WARNING : ''
  if (found.length === 0 && errors.length === 0) {
    const where =
      args.flag('all-namespaces') || !named.targets.some((each) => each.info.namespaced)
        ? ''
        : ` in ${input.namespace} namespace.`
    return { stderr: `${warning}No resources found${where}\n` }
  }
  // Several objects are described without their events, unless asked for.
  const showEvents = args.flag('show-events', found.length === 1 && errors.length === 0)
  const context = { api: env.api, now: env.now, showEvents }
  const texts = found.map(({ info, object }) => describeObject(info.resource, object, context))
  return { stdout: texts.join('\n\n'), stderr: warning, errors }
}

/** A name that no object has is taken as the beginning of names. Source: kubernetes kubectl pkg/cmd/describe/describe.go DescribeMatchingResources */
function fetchPrefixes(input: CommandInput, targets: readonly Target[]): ReturnType<typeof fetchTargets> {
  const fetched = fetchTargets(input, targets)
  const [target] = targets
  if (fetched.errors.length === 0 || targets.length !== 1 || target?.name === undefined) return fetched
  const prefix = target.name
  const all = fetchTargets(input, [{ info: target.info }])
  const found: readonly Found[] = all.found.filter(({ object }) => object.metadata.name.startsWith(prefix))
  return found.length > 0 ? { found, errors: [] } : fetched
}
