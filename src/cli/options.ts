import { usage } from './outcome.js'

/** Options that take a value; every other one is a switch. */
const WITH_VALUE = [
  'node',
  'proxy-mode',
  'ip-family',
  'mode',
  'controllers',
  'from',
  'to',
  'proto',
  'count',
  'seed',
  'at',
  'src',
  'dst',
  'deliver-to',
  'rules',
  'pod',
  'port',
  'until',
  'detour',
]

const SWITCHES = ['json', 'all', 'verbose', 'help']

/** A verb's words, read. */
export interface Options {
  /** Files, or what else stands without a dash. */
  readonly words: readonly string[]
  /** The options themselves, as written. */
  readonly flags: readonly string[]
  /** Behind `--`. */
  readonly rest: readonly string[]
  readonly values: ReadonlyMap<string, readonly string[]>
}

/** Reads options in any order: `--node node1`, `--node=node1`. @throws VerbStop 2 for an unknown option or a missing value. */
export function readOptions(args: readonly string[]): Options {
  const words: string[] = []
  const flags: string[] = []
  const values = new Map<string, string[]>()
  let index = 0
  for (; index < args.length; index++) {
    const arg = args[index] ?? ''
    if (arg === '--') break
    if (!arg.startsWith('--')) {
      words.push(arg)
      continue
    }
    flags.push(arg)
    const equals = arg.indexOf('=')
    const name = equals < 0 ? arg.slice(2) : arg.slice(2, equals)
    if (SWITCHES.includes(name)) {
      values.set(name, [equals < 0 ? 'true' : arg.slice(equals + 1)])
      continue
    }
    if (!WITH_VALUE.includes(name)) throw usage(`unknown option --${name}`)
    const value = equals < 0 ? args[++index] : arg.slice(equals + 1)
    if (value === undefined) throw usage(`option --${name} needs a value`)
    if (equals < 0) flags.push(value)
    values.set(name, [...(values.get(name) ?? []), value])
  }
  return { words, flags, rest: args.slice(index + 1), values }
}

export function textOf(options: Options, name: string): string | undefined {
  return options.values.get(name)?.at(-1)
}

export function isOn(options: Options, name: string): boolean {
  return textOf(options, name) === 'true'
}

/** @throws VerbStop 2 when the option is missing. */
export function requiredText(options: Options, name: string): string {
  const value = textOf(options, name)
  if (value === undefined) throw usage(`option --${name} is required`)
  return value
}

/** A whole number above 0. @throws VerbStop 2 when it is none. */
export function countOf(options: Options, name: string): number | undefined {
  const value = textOf(options, name)
  if (value === undefined) return undefined
  const count = Number(value)
  if (!Number.isInteger(count) || count < 1) throw usage(`option --${name} needs a whole number above 0, not "${value}"`)
  return count
}

/** One of a few words. @throws VerbStop 2 when it is another one. */
export function choiceOf<T extends string>(options: Options, name: string, choices: readonly T[]): T | undefined {
  const value = textOf(options, name)
  if (value === undefined) return undefined
  const found = choices.find((each) => each === value)
  if (found === undefined) throw usage(`option --${name} must be one of ${choices.join(', ')}, not "${value}"`)
  return found
}
