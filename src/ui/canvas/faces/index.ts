import type { NodeTypes } from '@xyflow/react'
import { ComponentFace, ControlPlaneFace, MoreFace, ObjectFace } from './ControlPlane.js'
import { CardFace, TileFace } from './Field.js'
import { AgentFace, BridgeFace, Eth0Face, HouseFace, IptablesFace } from './House.js'
import { ConntrackFace, LocalFace, RoutingFace, StationFace } from './Kernel.js'
import { ClientFace, LoadBalancerFace, RouterFace } from './Outside.js'
import { ContainerFace, PodFace, PodFieldFace } from './Pods.js'

/** Module constant: a new object on each render would mount every node anew. */
export const nodeTypes: NodeTypes = {
  client: ClientFace,
  router: RouterFace,
  'load-balancer': LoadBalancerFace,
  'control-plane': ControlPlaneFace,
  component: ComponentFace,
  'api-server': ComponentFace,
  etcd: ComponentFace,
  object: ObjectFace,
  more: MoreFace,
  house: HouseFace,
  agent: AgentFace,
  eth0: Eth0Face,
  station: StationFace,
  routing: RoutingFace,
  local: LocalFace,
  conntrack: ConntrackFace,
  iptables: IptablesFace,
  bridge: BridgeFace,
  pod: PodFace,
  container: ContainerFace,
  'pod-field': PodFieldFace,
  card: CardFace,
  tile: TileFace,
}
