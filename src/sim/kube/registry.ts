import { createCniPart } from '../cni/part.js'
import type { Behaviours } from '../core/engine.js'
import { createNetState } from '../net/state.js'
import { createApiPart, createInformersPart } from './api/part.js'
import { apiServer } from './api/watch.js'
import { bootstrapBehaviour } from './bootstrap/bootstrap.js'
import { createClusterPart } from './bootstrap/part.js'
import { cloudBehaviour } from './cloud/cloud.js'
import { createCloudPart } from './cloud/part.js'
import { controllerBehaviour } from './controllers/manager.js'
import { createControllersPart } from './controllers/part.js'
import { createEtcdPart } from './etcd/store.js'
import { createEventsPart } from './eventsPart.js'
import { createFaultsPart } from './faults/faultKinds.js'
import { kubeletBehaviour } from './kubelet/kubelet.js'
import { createKubeletPart, createRuntimePart } from './kubelet/part.js'
import { runtimeBehaviour } from './kubelet/runtime.js'
import type { Messages } from './messages.js'
import type { Parts } from './parts.js'
import { kubeProxy } from './proxy/component.js'
import { createProxyPart } from './proxy/part.js'
import { createSchedulerPart } from './scheduler/part.js'
import { schedulerBehaviour } from './scheduler/scheduler.js'
import { network } from './traffic/network.js'
import { createTrafficPart } from './traffic/part.js'

/** Every component's behaviour by its kind; what a person does (`person`) is supplied by the session. */
export const behaviours: Omit<Behaviours<Parts, Messages>, 'person'> = {
  apiserver: apiServer,
  controller: controllerBehaviour,
  bootstrap: bootstrapBehaviour,
  cloud: cloudBehaviour,
  kubelet: kubeletBehaviour,
  runtime: runtimeBehaviour,
  scheduler: schedulerBehaviour,
  'kube-proxy': kubeProxy,
  network,
}

/** The state of all components of a world in which nothing has happened. */
export function createParts(): Parts {
  return {
    etcd: createEtcdPart(),
    api: createApiPart(),
    informers: createInformersPart(),
    controllers: createControllersPart(),
    events: createEventsPart(),
    cluster: createClusterPart(),
    cloud: createCloudPart(),
    cni: createCniPart(),
    faults: createFaultsPart(),
    kubelet: createKubeletPart(),
    runtime: createRuntimePart(),
    scheduler: createSchedulerPart(),
    proxy: createProxyPart(),
    net: createNetState(),
    traffic: createTrafficPart(),
  }
}
