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
    if (arg === '-h') {
      values.set('help', ['true'])
      continue
    }
    if (arg === '-' || !arg.startsWith('-')) {
      words.push(arg)
      continue
    }
    if (!arg.startsWith('--')) throw usage(`unknown option ${arg}`)
    flags.push(arg)
    const equals = arg.indexOf('=')
    const name = equals < 0 ? arg.slice(2) : arg.slice(2, equals)
    if (SWITCHES.includes(name)) {
      values.set(name, [switchValue(name, equals < 0 ? 'true' : arg.slice(equals + 1))])
      continue
    }
    if (!WITH_VALUE.includes(name)) throw usage(`unknown option --${name}`)
    const value = equals < 0 ? args[++index] : arg.slice(equals + 1)
    if (value === undefined || isOption(value)) throw usage(`option --${name} needs a value`)
    if (equals < 0) flags.push(value)
    values.set(name, [...(values.get(name) ?? []), value])
  }
  return { words, flags, rest: args.slice(index + 1), values }
}

function switchValue(name: string, text: string): string {
  if (text !== 'true' && text !== 'false') throw usage(`option --${name} is true or false, not "${text}"`)
  return text
}

/** `--from --to X`: the value was forgotten. */
function isOption(text: string): boolean {
  return text.startsWith('--') && [...WITH_VALUE, ...SWITCHES].includes(text.slice(2).split('=')[0] ?? '')
}

/** Refuses options that mean something elsewhere, but not here. @throws VerbStop 2 */
export function expectOnly(options: Options, allowed: readonly string[], told: string): void {
  for (const name of options.values.keys())
    if (!allowed.includes(name)) throw usage(`option --${name} has no meaning for ${told}`)
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
  if (value === undefined || value === '') throw usage(`option --${name} is required`)
  return value
}

/** A whole number from `least` to `most`. @throws VerbStop 2 when it is none. */
export function countOf(options: Options, name: string, least = 1, most = Number.MAX_SAFE_INTEGER): number | undefined {
  const value = textOf(options, name)
  if (value === undefined) return undefined
  const count = Number(value)
  if (/^\d+$/.test(value) && count >= least && count <= most) return count
  const range = most === Number.MAX_SAFE_INTEGER ? `above ${least - 1}` : `from ${least} to ${most}`
  throw usage(
    `option --${name} needs a whole number${least === 0 && most === Number.MAX_SAFE_INTEGER ? '' : ` ${range}`}, not "${value}"`,
  )
}

/** One of a few words. @throws VerbStop 2 when it is another one. */
export function choiceOf<T extends string>(options: Options, name: string, choices: readonly T[]): T | undefined {
  const value = textOf(options, name)
  if (value === undefined) return undefined
  const found = choices.find((each) => each === value)
  if (found === undefined) throw usage(`option --${name} must be one of ${choices.join(', ')}, not "${value}"`)
  return found
}

const PROTOCOLS = ['tcp', 'udp', 'sctp'] as const

/** `--proto`, as manifests (`TCP`) or as rules (`tcp`) write it; TCP when absent. @throws VerbStop 2 when it is another one. */
export function protocolOf(options: Options): (typeof PROTOCOLS)[number] {
  const value = textOf(options, 'proto')?.toLowerCase()
  const found = PROTOCOLS.find((each) => each === value)
  return found ?? choiceOf(options, 'proto', PROTOCOLS) ?? 'tcp'
}
