import type { CniPart } from '../cni/part.js'
import type { NetState } from '../net/state.js'
import type { ApiPart, InformersPart } from './api/part.js'
import type { ClusterPart } from './bootstrap/part.js'
import type { CloudPart } from './cloud/part.js'
import type { ControllersPart } from './controllers/part.js'
import type { EtcdPart } from './etcd/store.js'
import type { EventsPart } from './eventsPart.js'
import type { FaultsPart } from './faults/faultKinds.js'
import type { KubeletPart, RuntimePart } from './kubelet/part.js'
import type { ProxyPart } from './proxy/part.js'
import type { SchedulerPart } from './scheduler/part.js'
import type { TrafficPart } from './traffic/part.js'

/**
 * The state of each component by name. Each part's type stands in its component's own module; this is the list of them all.
 * A part is a record of containers (Maps, Sets, arrays) and scalars; what containers hold is immutable (core/world.ts).
 */
export interface Parts {
  etcd: EtcdPart
  api: ApiPart
  informers: InformersPart
  controllers: ControllersPart
  events: EventsPart
  cluster: ClusterPart
  cloud: CloudPart
  cni: CniPart
  faults: FaultsPart
  kubelet: KubeletPart
  runtime: RuntimePart
  scheduler: SchedulerPart
  proxy: ProxyPart
  net: NetState
  traffic: TrafficPart
}
