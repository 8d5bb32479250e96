import type { Words } from '../words.js'

export const share: Words<typeof import('../en/share.js').share> = {
  'share.link': '分享連結',
  'share.copied': '已複製到剪貼簿。',
  'share.notCopied': '請從欄位複製；瀏覽器不讓頁面代勞。',
  'share.holds': '連結裡有情境、亂數種子、你的動作和預測，以及目前的位置；打開的人會看到重播。',
  'share.length': '{count} 個字元',
  'share.actions': '走到這裡的動作',
  'share.noActions': '還沒有任何動作。',
  'share.forced': '{request}（指定結果：{endpoint}）',
  'share.slowed': '{what}，慢 {span}',
  'share.name': '姓名或學號（可以不填）',
  'share.by': '{name} 繳交的作業。做了什麼，請看「分享」。',
  'share.predictions': '預測',
  'share.prediction.right': '正確',
  'share.prediction.wrong': '與結果不同',
  'share.prediction.open': '尚無結果',
  'share.making': '正在建立連結…',
  'share.failed': '無法建立連結。',
}
