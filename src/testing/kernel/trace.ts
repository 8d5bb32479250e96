import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { HostName } from '../../sim/net/state.js'
import type { Lab } from './lab.js'
import { run } from './shell.js'

/** A rule that the kernel says a packet matched. */
export interface KernelHop {
  readonly hook: string
  readonly table: string
  readonly chain: string
  /** Counts from 1 within its chain. */
  readonly rule: number
}

/** What the rules of each traced host did with the first packet of a connection, and with its first answer. */
export interface KernelTrace {
  readonly request: ReadonlyMap<HostName, readonly KernelHop[]>
  readonly reply: ReadonlyMap<HostName, readonly KernelHop[]>
}

export interface Tracer {
  /** Does something that makes one connection, and tells which rules it met. */
  /**
   * @param ports those that the asked one and its endpoints listen on: they tell a datagram from its answer.
   * @param proto when given, what an earlier connection of the other protocol still sends is passed over.
   * @param tunnelFrom the Node whose tunnel carries requests: only what carries the first packet of each direction is told.
   */
  during<T>(
    ports: readonly number[],
    probe: () => Promise<T>,
    proto?: 'tcp' | 'udp',
    tunnelFrom?: string,
  ): Promise<{ readonly result: T; readonly trace: KernelTrace }>
  /** Reads anew where a host's rules stand, after they were changed. */
  reload(host: HostName): Promise<void>
  stop(): void
}

/** Marks handshakes, refusals and everything that is not TCP; the rest of a connection would only repeat. */
const TRACE_TABLES = ['ip', 'ip6'].map((family) => {
  // Neighbour discovery goes through IPv6's hooks; only errors are of interest.
  const quiet = family === 'ip6' ? 'meta l4proto ipv6-icmp icmpv6 type >= 128 return' : ''
  const chain = (name: string, hook: string): string => `  chain ${name} {
    type filter hook ${hook} priority -450
    ${quiet}
    meta l4proto tcp tcp flags & (syn | rst) == 0x0 return
    meta nftrace set 1
  }`
  return `table ${family} pptrace {\n${chain('pre', 'prerouting')}\n${chain('out', 'output')}\n}\n`
})

/**
 * Ports of the packets that a host sends to itself to say that all earlier trace lines have come. Each has its own,
 * since the line of one that was given up may still come.
 */
const SENTINEL_PORTS = { from: 20_000, to: 29_999 } as const
let lastSentinel: number = SENTINEL_PORTS.from

interface HostTrace {
  readonly child: ChildProcessWithoutNullStreams
  readonly places: Places
  readonly request: KernelHop[]
  readonly reply: KernelHop[]
  /** In each direction the packet of the tunnel that carries what is asked about, by its trace id. */
  readonly carried: Map<Direction, string>
  /** Directions in which what is carried was itself met here. */
  readonly inner: Set<Direction>
  onSentinel: (port: number) => void
}

/** Listens to the kernel's own trace of rules on these hosts. */
export async function startTracer(lab: Lab, hosts: readonly HostName[]): Promise<Tracer> {
  const traces = new Map<HostName, HostTrace>()
  const served: Served = { ports: [], proto: undefined, tunnelFrom: undefined }
  // A monitor knows the rules that were there when it was started.
  const open = (host: HostName): HostTrace => {
    const child = spawn('ip', ['netns', 'exec', lab.namespaceOf(host), 'nft', '-n', '-a', 'monitor', 'trace'], { stdio: 'pipe' })
    const trace: HostTrace = {
      child,
      places: readPlaces(lab, host),
      request: [],
      reply: [],
      carried: new Map(),
      inner: new Set(),
      onSentinel: () => {},
    }
    traces.set(host, trace)
    readTrace(trace, served)
    return trace
  }
  for (const host of hosts) {
    lab.inside(host, ['nft', '-f', '-'], TRACE_TABLES.join(''))
    open(host)
  }
  const tracer: Tracer = {
    async during(ports, probe, proto, tunnelFrom) {
      served.ports = ports
      served.proto = proto
      served.tunnelFrom = tunnelFrom
      for (const trace of traces.values()) {
        trace.carried.clear()
        trace.inner.clear()
        trace.request.length = 0
        trace.reply.length = 0
      }
      const result = await probe()
      await Promise.all([...traces].map(([host, trace]) => untilQuiet(lab, host, trace)))
      const collect = (of: 'request' | 'reply'): ReadonlyMap<HostName, readonly KernelHop[]> =>
        new Map(
          [...traces]
            .map(([host, trace]): [HostName, readonly KernelHop[]] => [host, [...trace[of]]])
            .filter(([, hops]) => hops.length > 0),
        )
      return { result, trace: { request: collect('request'), reply: collect('reply') } }
    },
    async reload(host) {
      traces.get(host)?.child.kill('SIGKILL')
      await untilQuiet(lab, host, open(host))
    },
    stop() {
      for (const { child } of traces.values()) child.kill('SIGKILL')
    },
  }
  // The monitors need a moment until they hear anything: the first sentinel that arrives proves it.
  await Promise.all([...traces].map(([host, trace]) => untilQuiet(lab, host, trace)))
  return tracer
}

async function untilQuiet(lab: Lab, host: HostName, trace: HostTrace): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const port = lastSentinel >= SENTINEL_PORTS.to ? SENTINEL_PORTS.from : lastSentinel + 1
    lastSentinel = port
    const heard = new Promise<boolean>((resolve) => {
      trace.onSentinel = (each) => {
        if (each === port) resolve(true)
      }
      setTimeout(() => resolve(false), 500)
    })
    await lab.connect(host, { proto: 'udp', ip: '127.0.0.1', port, timeout: 100 })
    if (await heard) return
  }
  throw new Error(`no trace comes from ${host}`)
}

/** Where rules stand, and at which hook a base chain does. */
interface Places {
  /** `family table chain handle` -> place in chain. */
  readonly rules: ReadonlyMap<string, number>
  /** `family table chain` -> hook. */
  readonly hooks: ReadonlyMap<string, string>
}

/** Reads all tables but our own. */
function readPlaces(lab: Lab, host: HostName): Places {
  const rules = new Map<string, number>()
  const hooks = new Map<string, string>()
  let table = ''
  let chain = ''
  let place = 0
  for (const line of run(['ip', 'netns', 'exec', lab.namespaceOf(host), 'nft', '-a', 'list', 'ruleset']).split('\n')) {
    const opened = /^table (ip6?) (\S+) \{/.exec(line)
    const begun = /^\tchain (\S+) \{/.exec(line)
    const base = /^\t\ttype \w+ hook (\w+) priority/.exec(line)
    const rule = /^\t\t.* # handle (\d+)$/.exec(line)
    if (opened !== null) table = `${opened[1]} ${opened[2]}`
    else if (begun !== null) {
      chain = begun[1] ?? ''
      place = 0
    } else if (base !== null) hooks.set(`${table} ${chain}`, (base[1] ?? '').toUpperCase())
    else if (rule !== null && !line.includes(' policy ')) {
      place++
      rules.set(`${table} ${chain} ${rule[1]}`, place)
    }
  }
  return { rules, hooks }
}

type Direction = 'request' | 'reply' | 'other'

interface Served {
  ports: readonly number[]
  proto: 'tcp' | 'udp' | undefined
  tunnelFrom: string | undefined
}

function readTrace(trace: HostTrace, served: Readonly<Served>): void {
  /** What the packet with this trace id is, and the hook where it is now. */
  const current = new Map<string, { direction: Direction; hook: string }>()
  createInterface({ input: trace.child.stdout }).on('line', (line) => {
    const packet = /^trace id (\S+) (ip6?) (\S+) (\S+) packet: (.*)$/.exec(line)
    if (packet !== null) {
      const [, id = '', family = '', table = '', chain = '', header = ''] = packet
      const hook = trace.places.hooks.get(`${family} ${table} ${chain}`) ?? chain
      const direction = header.includes(' udp dport 8472 ')
        ? carriedBy(trace, id, header, served, table === 'pptrace' ? chain : undefined)
        : directionOf(header, served)
      if (!header.includes(' udp dport 8472 ')) trace.inner.add(direction)
      current.set(id, { direction, hook })
      const port = Number(/ ip saddr 127\.0\.0\.1 .* udp dport (\d+) /.exec(header)?.[1])
      if (port >= SENTINEL_PORTS.from && port <= SENTINEL_PORTS.to) trace.onSentinel(port)
      return
    }
    const rule =
      /^trace id (\S+) (ip6?) (raw|mangle|filter|nat|security|kube-proxy) (\S+) rule .*# handle (\d+) \(verdict .*\)$/.exec(line)
    if (rule === null) return
    const [, id = '', family = '', table = '', chain = '', handle = ''] = rule
    const seen = current.get(id)
    if (seen === undefined || seen.direction === 'other') return
    const place = trace.places.rules.get(`${family} ${table} ${chain} ${handle}`) ?? 0
    // Tables of iptables go by their names alone, as its own tools have it.
    const name = table === 'kube-proxy' ? `${family} ${table}` : table
    trace[seen.direction].push({ hook: seen.hook, table: name, chain, rule: place })
  })
}

/**
 * Which direction a packet of the tunnel carries: both go to the same port, so that who sends tells them apart.
 * An earlier connection may still send its last ones. The right one follows what it carries where it is made, and comes right before it
 * where it arrives.
 *
 * @param begins our own chain, at which the kernel first sees the packet; ids come again, and there it is another packet.
 */
function carriedBy(
  trace: HostTrace,
  id: string,
  header: string,
  { tunnelFrom }: Readonly<Served>,
  begins: string | undefined,
): Direction {
  const from = /ip saddr (\S+)/.exec(header)?.[1]
  const direction = tunnelFrom === undefined ? 'other' : from === tunnelFrom ? 'request' : 'reply'
  if (direction === 'other') return direction
  const inner = trace.inner.has(direction)
  if (begins === 'out' && inner && !trace.carried.has(direction)) trace.carried.set(direction, id)
  else if (begins === 'pre' && !inner) {
    trace[direction].length = 0
    trace.carried.set(direction, id)
  } else if (begins !== undefined && trace.carried.get(direction) === id) trace.carried.set(direction, '')
  return trace.carried.get(direction) === id ? direction : 'other'
}

function directionOf(header: string, { ports, proto }: Readonly<Served>): Direction {
  const flags = /tcp flags == (0x\w+)/.exec(header)?.[1]
  if (flags !== undefined && proto === 'udp') return 'other'
  if (flags === '0x2') return 'request'
  if (flags === '0x12' || flags === '0x14' || flags === '0x4') return 'reply'
  const datagram = /udp sport (\d+) udp dport (\d+)/.exec(header)
  if (datagram !== null) {
    if (ports.includes(Number(datagram[2]))) return 'request'
    return ports.includes(Number(datagram[1])) ? 'reply' : 'other'
  }
  // An error about the sentinel is none about the probe.
  return /icmp(v6)? type/.test(header) && !header.includes('ip saddr 127.') ? 'reply' : 'other'
}
