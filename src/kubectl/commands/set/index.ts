import type { Command, CommandInput, CommandOutput } from '../../command.js'
import { WRITE_FLAGS } from '../../writing.js'
import { groupCommand } from '../group.js'
import { setEnv } from './env.js'
import { setImage } from './image.js'
import { setSelector, setServiceAccount, setSubject } from './others.js'
import { setResources } from './resources.js'

type Verb = (input: CommandInput, words: readonly string[]) => CommandOutput

const VERBS: Readonly<Record<string, Verb>> = {
  env: setEnv,
  image: setImage,
  resources: setResources,
  selector: setSelector,
  serviceaccount: setServiceAccount,
  sa: setServiceAccount,
  subject: setSubject,
}

/** Source: kubernetes kubectl pkg/cmd/set/set.go */
export const set: Command = {
  flags: {
    ...WRITE_FLAGS,
    containers: { kind: 'string', short: 'c' },
    limits: { kind: 'string' },
    requests: { kind: 'string' },
    list: { kind: 'bool' },
    resolve: { kind: 'bool' },
    from: { kind: 'string' },
    prefix: { kind: 'string' },
    keys: { kind: 'list' },
    env: { kind: 'array', short: 'e' },
    user: { kind: 'list' },
    group: { kind: 'list' },
    serviceaccount: { kind: 'list' },
    'resource-version': { kind: 'string' },
  },
  run: groupCommand('set', VERBS),
}
