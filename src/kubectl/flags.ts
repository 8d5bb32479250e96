import { assertNever, own } from '../sim/index.js'
/**
 * A flag of a command. `optional` takes a value only with `=` (`--dry-run`, `--dry-run=client`); a `list` may be written with commas,
 * an `array` is given again for each value.
 */
export interface FlagSpec {
  readonly kind: 'bool' | 'string' | 'list' | 'array' | 'optional' | 'int' | 'duration'
  readonly short?: string
  /** Of `optional`, without `=`. */
  readonly bare?: string
}

export type FlagSpecs = Readonly<Record<string, FlagSpec>>

/** Flags that every command takes. */
export const GLOBAL_FLAGS: FlagSpecs = {
  namespace: { kind: 'string', short: 'n' },
  context: { kind: 'string' },
  cluster: { kind: 'string' },
  user: { kind: 'string' },
  kubeconfig: { kind: 'string' },
  server: { kind: 'string', short: 's' },
  token: { kind: 'string' },
  as: { kind: 'string' },
  'as-group': { kind: 'list' },
  'as-uid': { kind: 'string' },
  'as-user-extra': { kind: 'array' },
  'request-timeout': { kind: 'string' },
  'cache-dir': { kind: 'string' },
  'certificate-authority': { kind: 'string' },
  'client-certificate': { kind: 'string' },
  'client-key': { kind: 'string' },
  'disable-compression': { kind: 'bool' },
  'insecure-skip-tls-verify': { kind: 'bool' },
  kuberc: { kind: 'string' },
  'log-flush-frequency': { kind: 'duration' },
  'match-server-version': { kind: 'bool' },
  password: { kind: 'string' },
  profile: { kind: 'string' },
  'profile-output': { kind: 'string' },
  'tls-server-name': { kind: 'string' },
  username: { kind: 'string' },
  v: { kind: 'int', short: 'v' },
  vmodule: { kind: 'string' },
  'warnings-as-errors': { kind: 'bool' },
  help: { kind: 'bool', short: 'h' },
}

/** A command line after reading its flags. */
export interface ParsedArgs {
  readonly words: readonly string[]
  /** Words after `--`. */
  readonly rest: readonly string[]
  text(name: string): string | undefined
  list(name: string): readonly string[]
  isSet(name: string): boolean
  flag(name: string, otherwise?: boolean): boolean
}

/** Reads flags as Go's pflag does: `--name value`, `--name=value`, `-n value`, `-nvalue`, `-n=value`, grouped one-letter switches. */
export function parseFlags(args: readonly string[], specs: FlagSpecs): ParsedArgs | { readonly error: string } {
  const values = new Map<string, string[]>()
  const words: string[] = []
  const add = (name: string, value: string): void => {
    values.set(name, [...(values.get(name) ?? []), value])
  }
  let index = 0
  for (; index < args.length; index++) {
    const arg = args[index] ?? ''
    if (arg === '--') break
    if (!arg.startsWith('-') || arg === '-') {
      words.push(arg)
      continue
    }
    const read = arg.startsWith('--') ? readLong(arg, args[index + 1], specs, add) : readShort(arg, args[index + 1], specs, add)
    if (typeof read === 'string') return { error: read }
    index += read
  }
  const rest = args.slice(index + 1)
  const last = (name: string): string | undefined => values.get(name)?.at(-1)
  return {
    words,
    rest,
    text: last,
    list: (name) => {
      const all = values.get(name) ?? []
      return own(specs, name)?.kind === 'array' ? all : all.flatMap((each) => each.split(','))
    },
    isSet: (name) => values.has(name),
    flag: (name, otherwise = false) => {
      const value = last(name)
      return value === undefined ? otherwise : TRUE.includes(value)
    },
  }
}

type Add = (name: string, value: string) => void

const TRUE = ['1', 't', 'T', 'TRUE', 'true', 'True']
const FALSE = ['0', 'f', 'F', 'FALSE', 'false', 'False']

/** What is wrong with a flag's value, if anything. Source: spf13/pflag flag.go failf, Go strconv and time.ParseDuration */
function valueProblem(name: string, { kind, short }: FlagSpec, value: string): string | undefined {
  const quoted = JSON.stringify(value)
  const why = (): string | undefined => {
    switch (kind) {
      case 'int':
        return /^[+-]?(?:\d+|0[xX][\da-fA-F]+)$/.test(value) ? undefined : `strconv.ParseInt: parsing ${quoted}: invalid syntax`
      case 'bool':
        return TRUE.includes(value) || FALSE.includes(value) ? undefined : `strconv.ParseBool: parsing ${quoted}: invalid syntax`
      case 'duration':
        if (/^[+-]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h))+)$/.test(value)) return undefined
        if (/^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(value)) return `time: missing unit in duration ${quoted}`
        return `time: invalid duration ${quoted}`
      case 'string':
      case 'list':
      case 'array':
      case 'optional':
        return undefined
      default:
        return assertNever(kind)
    }
  }
  const problem = why()
  const flag = short === undefined || short === name ? `--${name}` : `-${short}, --${name}`
  return problem === undefined ? undefined : `invalid argument ${quoted} for "${flag}" flag: ${problem}`
}

/** @returns how many further words were used up, or what is wrong. */
function readLong(arg: string, next: string | undefined, specs: FlagSpecs, add: Add): number | string {
  const equals = arg.indexOf('=')
  const name = equals < 0 ? arg.slice(2) : arg.slice(2, equals)
  const spec = own(specs, name)
  if (spec === undefined) return `unknown flag: --${name}`
  if (equals >= 0) {
    const value = arg.slice(equals + 1)
    const problem = valueProblem(name, spec, value)
    if (problem !== undefined) return problem
    add(name, value)
    return 0
  }
  if (spec.kind === 'bool' || spec.kind === 'optional') {
    add(name, spec.bare ?? 'true')
    return 0
  }
  if (next === undefined) return `flag needs an argument: --${name}`
  const problem = valueProblem(name, spec, next)
  if (problem !== undefined) return problem
  add(name, next)
  return 1
}

function readShort(arg: string, next: string | undefined, specs: FlagSpecs, add: Add): number | string {
  for (let at = 1; at < arg.length; at++) {
    const letter = arg.charAt(at)
    const found = Object.entries(specs).find(([, spec]) => spec.short === letter)
    if (found === undefined) return `unknown shorthand flag: '${letter}' in ${arg}`
    const [name, spec] = found
    if (spec.kind === 'bool' && arg.charAt(at + 1) !== '=') {
      add(name, 'true')
      continue
    }
    const tail = arg.slice(at + 1).replace(/^=/, '')
    if (tail === '' && next === undefined) return `flag needs an argument: '${letter}' in ${arg}`
    const value = tail === '' ? (next ?? '') : tail
    const problem = valueProblem(name, spec, value)
    if (problem !== undefined) return problem
    add(name, value)
    return tail === '' ? 1 : 0
  }
  return 0
}
