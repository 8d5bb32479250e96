import { type Phrase, phrase } from '../../i18n/index.js'
import type { Scene, SceneService, Step } from '../../protocol/index.js'
import { findStep, type Mirror } from '../../state/mirror.js'

/** Where a request asked for ended without any rule having a say: the step that says so. Undefined while it goes on. */
export function stoppedAt(mirror: Mirror, step: Step): Step<'stopped'> | undefined {
  for (let index = findStep(mirror.steps, step.id); index >= 0; index--) {
    const earlier = mirror.steps[index]
    if (earlier === undefined || earlier.flow !== step.flow) continue
    if (earlier.kind === 'stopped') return earlier
    if (earlier.kind === 'packet-sent' && earlier.facts.direction === 'request') return undefined
  }
  return undefined
}

/** What of the Service that was asked for explains an end that no rule decided: in the order in which one would look. */
export function endReasons(scene: Scene, step: Step, stopped: Step<'stopped'> | undefined): readonly Phrase[] {
  if (stopped?.facts.host.startsWith('lb/') === true) return balancerReasons(scene, stopped)
  const service = serviceAsked(scene, step, stopped)
  if (service === undefined) return []
  const name = `Service ${service.namespace}/${service.name}`
  if (service.type === 'ExternalName')
    return [phrase('because.external-name', { service: name, name: service.externalAddresses.at(-1) ?? '' })]
  if (service.otherProxy !== undefined) return [phrase('because.other-proxy', { service: name, proxy: service.otherProxy })]
  return service.clusterIP === 'None' ? [phrase('because.headless', { service: name })] : []
}

function balancerReasons(scene: Scene, { facts: { host, why, packet } }: Step<'stopped'>): readonly Phrase[] {
  if (why === 'drop') return [phrase('because.source-range', { src: packet.src })]
  if (why !== 'no-answer') return []
  const balancer = scene.loadBalancers.get(host)
  const service = [...scene.services.values()].find(({ namespace, name }) => `${namespace}/${name}` === balancer?.service)
  const port = service?.ports.find((each) => each.port === packet.dport)
  const needsNodePort = balancer?.kind === 'nodeport' || balancer?.kind === 'proxy'
  return port?.nodePort === 0 && needsNodePort
    ? [phrase('because.no-node-port', { service: `Service ${balancer.service}` })]
    : [phrase('because.no-backend')]
}

/** The Service that a request named, or whose address its packet had. */
function serviceAsked(scene: Scene, step: Step, stopped: Step<'stopped'> | undefined): SceneService | undefined {
  const services = [...scene.services.values()]
  if (step.kind === 'request-done') {
    const { asked, from } = step.facts
    const named = /^service\/([^/]+\/[^:/]+)/.exec(asked)?.[1]
    if (named !== undefined) return services.find(({ namespace, name }) => `${namespace}/${name}` === named)
    const [host = '', namespace = namespaceOf(from)] = hostOf(asked).split('.')
    const called = services.find((each) => each.name === host && each.namespace === namespace)
    if (called !== undefined) return called
  }
  const dst = stopped?.facts.packet.dst
  return dst === undefined ? undefined : services.find(({ clusterIP }) => clusterIP === dst)
}

/** `http://web.default/x` and `web.default:80`: the host without its port. */
function hostOf(asked: string): string {
  return asked.replace(/^https?:\/\//, '').replace(/[:/].*$/, '')
}

/** A Pod's search list begins with its own namespace. */
function namespaceOf(from: string): string {
  return /^pod\/([^/]+)\//.exec(from)?.[1] ?? 'default'
}
