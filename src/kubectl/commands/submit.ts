import { apiVersionOf } from '../../sim/index.js'
import type { CommandInput } from '../command.js'
import type { StoredObject } from '../dynamicApi.js'
import { apiError, plainError } from '../errors.js'
import { mergePatchBetween } from '../merge.js'
import type { Found } from '../targets.js'
import { keyFor } from '../targets.js'
import type { Writing } from '../writing.js'

export interface Submission {
  /** What is said of the object: `image updated`. */
  readonly done: string
  readonly manager: string
  /** Said before the server's refusal: `failed to patch image update to pod template`. */
  readonly doing?: string
}

/**
 * Sends what has been changed of an object, and reports it; nothing where nothing has.
 * A dry run of the client's, and `--local`, show the changed object without asking the server.
 */
export function submit(
  writing: Writing,
  input: CommandInput,
  { info, object }: Found,
  { after, how: { done, manager, doing } }: { readonly after: StoredObject; readonly how: Submission },
): void {
  const patch = mergePatchBetween(object, after)
  if (Object.keys(patch).length === 0) return
  if (writing.dryRun === 'client' || input.args.flag('local')) {
    writing.report(info, { ...after, apiVersion: apiVersionOf(info), kind: info.kind }, done)
    return
  }
  const key = keyFor(info, object.metadata.namespace ?? input.namespace, object.metadata.name)
  const sent = writing.api.patch(info, key, 'merge', patch, writing.options(manager))
  if (sent.ok) writing.report(info, sent.value, done)
  else writing.errors.push(doing === undefined ? apiError(sent.error) : plainError(`${doing}: ${sent.error.message}`))
}
