import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import process from 'node:process'

/** Runs a program to its end. @throws Error with its standard error when it fails. */
export function run(command: readonly string[], input = ''): string {
  const [program = '', ...args] = command
  const done = spawnSync(program, args, { input, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 })
  if (done.status !== 0) throw new Error(`${command.join(' ')}: ${done.stderr || done.error?.message || `exit ${done.status}`}`)
  return done.stdout
}

const TOOLS: readonly (readonly string[])[] = [
  ['ip', '-V'],
  ['bridge', '-V'],
  ['sysctl', '--version'],
  ['iptables', '--version'],
  ['iptables-restore', '--version'],
  ['nft', '--version'],
]

/** Why kernel tests cannot run here, with what to do about it; undefined when they can. */
export function whyNotHere(): string | undefined {
  if (process.platform !== 'linux') return 'kernel tests need Linux'
  if (process.getuid?.() !== 0) return 'kernel tests need root (network namespaces): run `sudo npm run test:kernel`'
  for (const [program = '', ...args] of TOOLS) {
    try {
      execFileSync(program, args, { stdio: 'ignore' })
    } catch {
      return `kernel tests need ${program}: \`apt-get install iptables nftables iproute2 procps\``
    }
  }
  const name = freshName()
  try {
    run(['ip', 'netns', 'add', name])
  } catch (error) {
    return `kernel tests need network namespaces (CAP_SYS_ADMIN, CAP_NET_ADMIN): ${String(error)}`
  }
  run(['ip', 'netns', 'del', name])
  removeLeftovers()
  return undefined
}

let counter = 0

/** Takes away the namespaces of runs that were killed before they could. */
export function removeLeftovers(): void {
  for (const line of run(['ip', 'netns', 'list']).split('\n')) {
    const name = line.split(' ')[0] ?? ''
    const pid = Number.parseInt(/^pp-([0-9a-z]+)-[0-9a-z]+$/.exec(name)?.[1] ?? '', 36)
    if (!Number.isNaN(pid) && !existsSync(`/proc/${pid}`)) run(['ip', 'netns', 'del', name])
  }
}

/** A name for a namespace that nobody else uses. */
export function freshName(): string {
  counter++
  return `pp-${process.pid.toString(36)}-${counter.toString(36)}`
}

/** Whether sets of ipset can be made here. */
export function hasIpset(): boolean {
  const name = freshName()
  try {
    run(['ip', 'netns', 'add', name])
    run(['ip', 'netns', 'exec', name, 'ipset', 'create', 'a', 'list:set'])
    return true
  } catch {
    return false
  } finally {
    run(['ip', 'netns', 'del', name])
  }
}
