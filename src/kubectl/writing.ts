import type { KubeObject, ResourceInfo, WriteOptions } from '../sim/index.js'
import type { CommandInput, CommandOutput } from './command.js'
import type { DynamicApi, StoredObject } from './dynamicApi.js'
import { dynamicApi } from './dynamicApi.js'
import type { CommandError } from './errors.js'
import { plainError } from './errors.js'
import type { FlagSpecs } from './flags.js'
import { formatProblem, printFormatted } from './printing.js'
import { kindName } from './targets.js'

/** What `--dry-run` counts as without a value. Source: kubernetes kubectl pkg/cmd/util/helpers.go AddDryRunFlag */
export const UNCHANGED = 'unchanged'

/** Flags of commands that write. */
export const WRITE_FLAGS: FlagSpecs = {
  filename: { kind: 'list', short: 'f' },
  recursive: { kind: 'bool', short: 'R' },
  'dry-run': { kind: 'optional', bare: UNCHANGED },
  'allow-missing-template-keys': { kind: 'bool' },
  kustomize: { kind: 'string', short: 'k' },
  output: { kind: 'string', short: 'o' },
  'field-manager': { kind: 'string' },
  validate: { kind: 'optional', bare: 'strict' },
  'save-config': { kind: 'bool' },
  'show-managed-fields': { kind: 'bool' },
  selector: { kind: 'string', short: 'l' },
  'field-selector': { kind: 'string' },
  all: { kind: 'bool' },
  'all-namespaces': { kind: 'bool', short: 'A' },
  record: { kind: 'bool' },
  local: { kind: 'bool' },
  overwrite: { kind: 'bool' },
  template: { kind: 'string' },
}

/** What is wrong with `--dry-run`, if anything. Source: kubernetes kubectl pkg/cmd/util/helpers.go GetDryRunStrategy */
export function dryRunProblem(args: CommandInput['args']): string | undefined {
  const dryRun = args.text('dry-run') ?? 'none'
  if (dryRun === UNCHANGED) {
    return '--dry-run flag without a value was specified. A value must be set: "none", "server", or "client".'
  }
  if (['none', 'client', 'server'].includes(dryRun)) return undefined
  return `Invalid dry-run value (${dryRun}). Must be "none", "server", or "client".`
}

/** What is wrong with `--dry-run` and `--output`, if anything. */
export function writeFlagProblem(args: CommandInput['args'], files: Readonly<Record<string, string>>): string | undefined {
  const problem = dryRunProblem(args)
  if (problem !== undefined) return problem
  const format = args.text('output') ?? ''
  if (format === '') return undefined
  const isKnown = WRITE_FORMATS.includes(format.split('=', 1)[0] ?? '')
  const allowed = `unable to match a printer suitable for the output format ${JSON.stringify(format)}, allowed formats are: ${WRITE_FORMATS.join(',')}`
  return isKnown ? formatProblem(format, files) : allowed
}

const WRITE_FORMATS =
  'go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,yaml'.split(',')

export type DryRun = 'none' | 'client' | 'server'

/** A command that writes: collects what is printed for each object, and what went wrong. */
export class Writing {
  readonly api: DynamicApi
  readonly dryRun: DryRun
  readonly warnings: string[] = []
  readonly errors: CommandError[] = []
  private readonly lines: string[] = []
  private readonly input: CommandInput

  constructor(input: CommandInput) {
    this.input = input
    this.api = dynamicApi(input.env.api)
    const asked = input.args.text('dry-run') ?? 'none'
    this.dryRun = asked === 'server' ? 'server' : asked === 'none' || asked === 'false' ? 'none' : 'client'
  }

  /** Options of a write: dry run, who manages, how strict. */
  options(manager: string): WriteOptions {
    const { args } = this.input
    const validate = args.text('validate') ?? 'strict'
    const fieldValidation = validate === 'warn' ? 'Warn' : validate === 'false' || validate === 'ignore' ? 'Ignore' : 'Strict'
    return {
      fieldManager: args.text('field-manager') ?? manager,
      fieldValidation,
      warnings: this.warnings,
      ...(this.dryRun === 'server' ? { dryRun: true } : {}),
    }
  }

  /**
   * `deployment.apps/web scaled`, or the object in the format that was asked for.
   *
   * @param isTyped whether kubectl holds it as a struct of Go's, whose JSON keeps the order of its fields
   */
  report(info: ResourceInfo, object: KubeObject | StoredObject, operation: string, isTyped = false): void {
    const format = this.input.args.text('output') ?? ''
    if (format === '' || format === 'name') {
      const suffix = this.dryRun === 'client' ? ' (dry run)' : this.dryRun === 'server' ? ' (server dry run)' : ''
      const name = `${kindName(info)}/${object.metadata.name ?? ''}`
      this.lines.push(format === 'name' ? `${name}\n` : `${name} ${operation}${suffix}\n`)
      return
    }
    const stored = { ...object, metadata: { uid: '', ...object.metadata, name: object.metadata.name ?? '' } }
    const shown =
      object.metadata.uid === undefined ? { ...stored, metadata: { ...object.metadata, name: stored.metadata.name } } : stored
    const managedFields = this.input.args.flag('show-managed-fields')
    const files = this.input.env.files
    const printed = printFormatted(format, [{ info, object: shown as StoredObject }], true, { managedFields, files, isTyped })
    if (printed.ok) this.lines.push(this.lines.length > 0 && format === 'yaml' ? `---\n${printed.value}` : printed.value)
    else this.errors.push(plainError(printed.error))
  }

  line(text: string): void {
    this.lines.push(`${text}\n`)
  }

  result(): CommandOutput {
    const warnings = [...new Set(this.warnings)].map((each) => `Warning: ${each}\n`).join('')
    return { stdout: this.lines.join(''), stderr: warnings, errors: this.errors }
  }
}
