import type { ApiServerMessage } from './api/part.js'
import type { BootstrapMessage } from './bootstrap/part.js'
import type { CloudMessage } from './cloud/part.js'
import type { ControllerMessage } from './controllers/messages.js'
import type { KubeletMessage, RuntimeMessage } from './kubelet/part.js'
import type { ProxyMessage } from './proxy/part.js'
import type { SchedulerMessage } from './scheduler/part.js'
import type { NetworkMessage } from './traffic/part.js'

/**
 * Every component of the cluster by its kind, with the messages that it understands.
 * Each component's message type stands in its own module; this is the list of them all.
 */
export interface Messages {
  apiserver: ApiServerMessage
  controller: ControllerMessage
  bootstrap: BootstrapMessage
  /** Instance `service-lb-controller`. */
  cloud: CloudMessage
  kubelet: KubeletMessage
  runtime: RuntimeMessage
  /** Packets in virtual time. */
  network: NetworkMessage
  scheduler: SchedulerMessage
  /** One for each Node: the instance is the Node's name. */
  'kube-proxy': ProxyMessage
}
