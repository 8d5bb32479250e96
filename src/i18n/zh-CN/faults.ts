import type { Words } from '../words.js'

export const faults: Words<typeof import('../en/faults.js').faults> = {
  'fault.delete-pod': '删除 Pod',
  'fault.kill-container': '终止容器',
  'fault.stop-node': '关停节点',
  'fault.cut-node': '切断节点的网络',
  'fault.stop-kubelet': '停止 kubelet',
  'fault.stop-kube-proxy': '停止 kube-proxy',
  'fault.slow-kube-proxy': '让 kube-proxy 变慢',
  'fault.stop-apiserver': '停止 API server',
  'fault.stop-etcd': '停止 etcd',
  'fault.stop-scheduler': '停止调度器',
  'fault.stop-controller-manager': '停止 controller manager',
  'fault.stop-cloud-controller-manager': '停止 cloud controller manager',
  'fault.other': '{name}',
  'fault.menu': '要弄坏什么',
  'fault.broken': '当前损坏的',
  'fault.nothing': '当前没有东西损坏。',
  'fault.mend': '修复：{what}',
  'fault.on': '{fault}：{target}',
  'fault.many': '此处列出 {count} 个中的前 {shown} 个；其余请从其详情中操作。',
  'fault.noTargets': '这里没有',
}
