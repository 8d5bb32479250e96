import type { Words } from '../words.js'

export const faults: Words<typeof import('../en/faults.js').faults> = {
  'fault.delete-pod': '刪除 Pod',
  'fault.kill-container': '終止容器',
  'fault.stop-node': '關掉節點',
  'fault.cut-node': '切斷節點的網路',
  'fault.stop-kubelet': '停止 kubelet',
  'fault.stop-kube-proxy': '停止 kube-proxy',
  'fault.slow-kube-proxy': '讓 kube-proxy 變慢',
  'fault.stop-apiserver': '停止 API server',
  'fault.stop-etcd': '停止 etcd',
  'fault.stop-scheduler': '停止排程器',
  'fault.stop-controller-manager': '停止 controller manager',
  'fault.stop-cloud-controller-manager': '停止 cloud controller manager',
  'fault.other': '{name}',
  'fault.menu': '要弄壞什麼',
  'fault.broken': '目前壞掉的',
  'fault.nothing': '目前沒有東西壞掉。',
  'fault.mend': '修復：{what}',
  'fault.on': '{fault}：{target}',
  'fault.many': '這裡列出 {count} 個中的前 {shown} 個；其他的請從它的詳細資訊操作。',
  'fault.noTargets': '這裡沒有',
}
