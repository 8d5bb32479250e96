#!/usr/bin/env -S npx tsx
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { SourceFile } from '../scenario/index.js'
import { Batch } from './batch.js'
import { linkText } from './cluster.js'
import { readOptions } from './options.js'
import type { VerbOutcome } from './outcome.js'
import { internalError, usage, VerbStop } from './outcome.js'
import { runVerb, VERBS } from './runVerb.js'
import { ruleFiles } from './verbs/trace.js'

const USAGE = `usage: podpath VERB [FILE...] [OPTION...]

  rules FILE... --node NODE [--proxy-mode MODE]       what a Node's kernel holds
        [--ip-family ipv4|ipv6]
  trace FILE... --from WHO --to WHERE [--proto P]     the path of a request
        [--all] [--count N] [--seed N] [--json] [--verbose] [--deliver-to NODE] [--rules NODE=FILE]
  trace FILE... --at NODE --src IP --dst IP:PORT      the path of one packet
  schedule FILE... --pod NAMESPACE/NAME [--json]      why a Pod is where it is
  reach FILE... [--port P] [--proto P] [--json]       who reaches whom
  run FILE... [--until settled|DURATION]              every object, as a List
  kubectl FILE... [--until T] -- ARGS...              kubectl against the cluster
  check SCENARIO [SUBMISSION...] [--json]             runs a scenario's checks
  digest FILE... [--until T] [--detour N]             one hash of the whole world
  link FILE... / open LINK                            share links
  batch                                               JSON lines in, JSON lines out

Every verb takes --controllers LIST, --proxy-mode MODE, --until T (for rules, trace, ... too: how long the cluster runs before) and
--seed TEXT. FILE is a scenario, plain manifests, a directory of them or a share link; - is standard input.
Exit status: 0 done, 1 the cluster or the file said no, 2 wrong usage.
`

/** Reads the files that a command line names. @throws VerbStop 1 for one that cannot be read. */
function readFiles(names: readonly string[]): readonly SourceFile[] {
  return names.flatMap(filesToRead).map((name) => {
    try {
      return { name, text: readFileSync(name === '-' ? 0 : name, 'utf8') }
    } catch (error) {
      if (linkText(name) !== undefined) return { name, text: name }
      const code = error instanceof Error && 'code' in error ? String(error.code) : ''
      throw new VerbStop(1, `${name}: ${code === 'ENOENT' ? 'no such file' : `cannot be read (${code})`}`)
    }
  })
}

function runLine(verb: string, args: readonly string[]): VerbOutcome {
  const options = readOptions(args)
  if (options.values.has('help')) return { exit: 0, stdout: USAGE, stderr: '' }
  if (verb === 'wait') throw usage('wait is for sessions of batch: elsewhere --until says how long a cluster runs')
  if (verb === 'open')
    return runVerb({ verb, args, files: readFiles(options.words.filter((word) => word === '-' || existsSync(word))) })
  if (verb === 'kubectl' && !args.includes('--')) throw usage("kubectl's own words stand behind --")
  const files = readFiles(options.words)
  const dumps = readFiles(ruleFiles(options).map(({ file }) => file))
  const rest = args.includes('--') ? ['--', ...options.rest] : []
  const named = verb === 'kubectl' ? filenames(options.rest).filter((name) => !options.words.includes(name)) : []
  // What is not there is kubectl's to say.
  const found = readFiles(named.flatMap(filesIn))
  return runVerb({ verb, args: [...options.flags, ...rest], files: [...files, ...dumps], found })
}

/** What is not there is found out when it is read. */
function filesToRead(name: string): readonly string[] {
  const found = filesIn(name)
  return found.length === 0 ? [name] : found
}

/** A file itself; of a directory, the manifests in it; nothing when there is no such thing. */
function filesIn(name: string): readonly string[] {
  if (name === '-') return [name]
  if (!existsSync(name)) return []
  if (!statSync(name).isDirectory()) return [name]
  return readdirSync(name)
    .filter((each) => /\.(?:json|ya?ml)$/.test(each))
    .sort()
    .map((each) => join(name, each))
}

/** Options of kubectl that name files; `-f` is `--filename`. */
const FILE_OPTIONS = ['--filename', '--from-file', '--from-env-file', '--patch-file']

/** What kubectl's own words name: `-f a.yaml,b.yaml`, `--from-file=key=a.txt`. */
function filenames(words: readonly string[]): readonly string[] {
  return words.flatMap((word, index) => {
    const short = /^-f=?(.+)$/.exec(word)?.[1]
    if (word === '-f' || FILE_OPTIONS.includes(word)) return named(words[index + 1] ?? '')
    const [option = '', ...value] = word.split('=')
    return FILE_OPTIONS.includes(option) ? named(value.join('=')) : named(short ?? '')
  })
}

function named(text: string): readonly string[] {
  return text
    .split(',')
    .flatMap((each) => [each, each.slice(each.indexOf('=') + 1)])
    .filter((each, index, all) => each !== '' && all.indexOf(each) === index)
}

async function main(argv: readonly string[]): Promise<void> {
  const [verb, ...args] = argv
  if (verb === undefined || verb === '--help' || verb === '-h' || verb === 'help') {
    const stream = verb === undefined ? process.stderr : process.stdout
    stream.write(USAGE)
    process.exitCode = verb === undefined ? 2 : 0
    return
  }
  if (!VERBS.includes(verb)) {
    process.stderr.write(`unknown verb "${verb}"\n${USAGE}`)
    process.exitCode = 2
    return
  }
  if (verb === 'batch') {
    if (args.some((each) => each !== '-')) {
      process.stderr.write(
        args.includes('--help') || args.includes('-h') ? USAGE : 'batch takes no words: its requests come from standard input\n',
      )
      process.exitCode = 2
      return
    }
    const batch = new Batch()
    for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line.trim() !== '') process.stdout.write(`${batch.answer(line)}\n`)
    }
    return
  }
  const { exit, stdout, stderr } = runGuarded(verb, args)
  process.stdout.write(stdout)
  process.stderr.write(stderr)
  process.exitCode = exit
}

function runGuarded(verb: string, args: readonly string[]): VerbOutcome {
  try {
    return runLine(verb, args)
  } catch (error) {
    if (error instanceof VerbStop) return { exit: error.exit, stdout: '', stderr: `${error.message}\n` }
    return internalError(error)
  }
}

// A reader that has seen enough (`| head`) is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

await main(process.argv.slice(2))
