import type { Words } from '../words.js'

export const decisions: Words<typeof import('../en/decisions.js').decisions> = {
  'decision.sync-endpoints':
    '{controller} 查看哪些 Pod 符合 {object}：共 {endpoints} 個，{ready} 個就緒。要建立的 EndpointSlice：{create} 個，更新 {update} 個，刪除 {delete} 個。',
  'decision.sync-endpoints-object': '{controller} 更新 {object} 的舊式 Endpoints 物件：{addresses} 個就緒的位址。',
  'decision.node-silent': '{controller} 已經 {silentSeconds} 秒沒有 {object} 的消息，不再認為它就緒。',
  'decision.drive-out': '{controller} 在 {object} 加上汙點 {taint}：不容忍它的 Pod 必須離開。',
  'decision.evict-later': '{controller}：{object} 可以容忍 {taints} {seconds} 秒；到時汙點還在，就驅逐這個 Pod。',
  'decision.sync-nodes':
    '{controller}：{object} 要在每個合適的節點上各有一個 Pod（看過 {nodes} 個節點）。要建立 {create} 個，刪除 {delete} 個。',
  'decision.roll-out': '{controller} 推出 {object} 的新範本：要替換 {replace} 個 Pod，期間多開 {surge} 個。',
  'decision.create-pod': '{controller}：{object} 缺少 Pod {pod}，所以要求建立它。',
  'decision.replace-pod': '{controller} 替換 {object} 的 Pod {pod}：它的範本是舊的修訂版本。',
  'decision.scale-down': '{controller}：{object} 只要 {wanted} 個，所以刪除最後一個：{pod}。',
  'decision.start-job': '{controller}：{object} 的時間到了，所以啟動 Job {job}。',
  'decision.rescale': '{controller} 把 {object} 的副本數從 {from} 改成 {to}：{reason}。',
  'decision.adopt': '{controller}：{which} 符合 {object} 的選擇器，又沒有擁有者，所以收歸 {object}。',
  'decision.collect': '{controller} 刪除 {object}：它的擁有者已經不在了（{owners}）。',
  'decision.delete-old-replicaset': '{controller} 刪除 {replicaSet}：{object} 只保留一定數量的舊 ReplicaSet 供回滾。',
  'decision.allocate-pod-range': '{controller} 把 Pod 位址範圍 {podCIDR} 分給 {object}。',
}
