import { MINUTE, MS, SECOND, type SimTime } from '../core/time.js'

/**
 * Annotations on a Pod that say what its containers do, where the image alone does not. For one container of several,
 * append its name: `podpath.dev/listen.web`.
 *
 * | annotation | example | does |
 * |---|---|---|
 * | `podpath.dev/listen` | `8080,53/udp` | listens on exactly these ports |
 * | `podpath.dev/status` | `503` | every HTTP answer has this status |
 * | `podpath.dev/latency` | `250ms` | every answer takes this long |
 * | `podpath.dev/body` | `hello` | every answer reads so |
 * | `podpath.dev/ready-after` | `5s` | answers 503 (and listens on nothing but HTTP) for this long after its start |
 * | `podpath.dev/crash-after` | `30s` | ends with an error this long after its start |
 * | `podpath.dev/exit-code` | `137` | the code of that end; 1 when absent |
 * | `podpath.dev/memory` | `300Mi` | uses this much memory: beyond its limit it is killed (OOMKilled) |
 * | `podpath.dev/hang-after` | `20s` | answers nothing any more this long after its start (liveness probes fail) |
 */
export interface Wishes {
  readonly listen?: readonly { readonly port: number; readonly proto: 'tcp' | 'udp' | 'sctp' }[]
  readonly status?: number
  readonly latency?: SimTime
  readonly body?: string
  readonly readyAfter?: SimTime
  readonly crashAfter?: SimTime
  readonly exitCode?: number
  readonly memory?: string
  readonly hangAfter?: SimTime
}

const PREFIX = 'podpath.dev/'

/** Reads the annotations for one container; what cannot be read counts as not said. */
export function wishesOf(annotations: Readonly<Record<string, string>> | undefined, container: string): Wishes {
  const read = (name: string): string | undefined =>
    annotations?.[`${PREFIX}${name}.${container}`] ?? annotations?.[`${PREFIX}${name}`]
  const listen = read('listen')
  const status = whole(read('status'))
  const latency = duration(read('latency'))
  const body = read('body')
  const readyAfter = duration(read('ready-after'))
  const crashAfter = duration(read('crash-after'))
  const exitCode = whole(read('exit-code'))
  const memory = read('memory')
  const hangAfter = duration(read('hang-after'))
  return {
    ...(listen === undefined ? {} : { listen: ports(listen) }),
    ...(status === undefined ? {} : { status }),
    ...(latency === undefined ? {} : { latency }),
    ...(body === undefined ? {} : { body }),
    ...(readyAfter === undefined ? {} : { readyAfter }),
    ...(crashAfter === undefined ? {} : { crashAfter }),
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(memory === undefined ? {} : { memory }),
    ...(hangAfter === undefined ? {} : { hangAfter }),
  }
}

function ports(text: string): NonNullable<Wishes['listen']> {
  return text.split(',').flatMap((each) => {
    const match = /^\s*(\d{1,5})(?:\/(tcp|udp|sctp))?\s*$/i.exec(each)
    if (match === null) return []
    const proto = match[2]?.toLowerCase()
    return [{ port: Number(match[1]), proto: proto === 'udp' || proto === 'sctp' ? proto : 'tcp' }]
  })
}

/** `250ms`, `5s`, `2m`, `1.5s`; a bare number is seconds. */
export function duration(text: string | undefined): SimTime | undefined {
  const match = /^(\d+(?:\.\d+)?)(us|ms|s|m|h)?$/.exec(text?.trim() ?? '')
  if (match === null) return undefined
  const unit = { us: 1, ms: MS, s: SECOND, m: MINUTE, h: 60 * MINUTE }[match[2] ?? 's'] ?? SECOND
  return Math.round(Number(match[1]) * unit)
}

function whole(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text.trim()) ? Number(text.trim()) : undefined
}
