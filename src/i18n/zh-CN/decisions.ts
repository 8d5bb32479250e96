import type { Words } from '../words.js'

export const decisions: Words<typeof import('../en/decisions.js').decisions> = {
  'decision.sync-endpoints':
    '{controller} 查看哪些 Pod 匹配 {object}：共 {endpoints} 个，{ready} 个就绪。要创建的 EndpointSlice：{create} 个，更新 {update} 个，删除 {delete} 个。',
  'decision.sync-endpoints-object': '{controller} 更新 {object} 的旧式 Endpoints 对象：{addresses} 个就绪的地址。',
  'decision.node-silent': '{controller} 已经 {silentSeconds} 秒没有收到 {object} 的消息，不再认为它就绪。',
  'decision.drive-out': '{controller} 给 {object} 加上污点 {taint}：不容忍它的 Pod 必须离开。',
  'decision.evict-later': '{controller}：{object} 可以容忍 {taints} {seconds} 秒；到时污点还在，就驱逐这个 Pod。',
  'decision.sync-nodes':
    '{controller}：{object} 要在每个合适的节点上各有一个 Pod（看过 {nodes} 个节点）。要创建 {create} 个，删除 {delete} 个。',
  'decision.roll-out': '{controller} 推出 {object} 的新模板：要替换 {replace} 个 Pod，期间多开 {surge} 个。',
  'decision.create-pod': '{controller}：{object} 缺少 Pod {pod}，所以请求创建它。',
  'decision.replace-pod': '{controller} 替换 {object} 的 Pod {pod}：它的模板是旧的修订版本。',
  'decision.scale-down': '{controller}：{object} 只期望 {wanted} 个，所以删除最后一个：{pod}。',
  'decision.start-job': '{controller}：{object} 的时间到了，所以启动 Job {job}。',
  'decision.rescale': '{controller} 把 {object} 的副本数从 {from} 改为 {to}：{reason}。',
  'decision.adopt': '{controller}：{which} 匹配 {object} 的选择算符，又没有属主，所以由 {object} 收养。',
  'decision.collect': '{controller} 删除 {object}：它的属主已经不在了（{owners}）。',
  'decision.delete-old-replicaset': '{controller} 删除 {replicaSet}：{object} 只保留一定数量的旧 ReplicaSet 供回滚。',
  'decision.allocate-pod-range': '{controller} 把 Pod 地址范围 {podCIDR} 分配给 {object}。',
}
