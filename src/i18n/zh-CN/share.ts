import type { Words } from '../words.js'

export const share: Words<typeof import('../en/share.js').share> = {
  'share.link': '分享链接',
  'share.copied': '已复制到剪贴板。',
  'share.notCopied': '请从文本框复制；浏览器不允许页面代劳。',
  'share.holds': '链接里有场景、随机种子、你的操作和预测，以及当前位置；打开的人会看到重放。',
  'share.length': '{count} 个字符',
  'share.actions': '走到这里的操作',
  'share.noActions': '还没有任何操作。',
  'share.forced': '{request}（指定结果：{endpoint}）',
  'share.slowed': '{what}，慢 {span}',
  'share.name': '姓名或学号（可以不填）',
  'share.by': '{name} 提交的作业。做了什么，请看“分享”。',
  'share.predictions': '预测',
  'share.prediction.right': '正确',
  'share.prediction.wrong': '与结果不同',
  'share.prediction.open': '尚无结果',
  'share.making': '正在生成链接…',
  'share.failed': '无法生成链接。',
}
