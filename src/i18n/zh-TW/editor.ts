import type { Words } from '../words.js'

export const editor: Words<typeof import('../en/editor.js').editor> = {
  'editor.name': '資源清單編輯器',
  'editor.text': '資源清單',
  'editor.apply': '套用',
  'editor.insert': '插入…',
  'editor.open': '開啟…',
  'editor.diff': '和叢集比較',
  'editor.diff.end': '回到編輯',
  'editor.diff.left': '叢集中的',
  'editor.leave': '按 Ctrl+M 之後，Tab 鍵可離開編輯器。',
  'editor.restored': '你尚未套用的文字已恢復。',
  'editor.discard': '捨棄',
  'editor.problems': '問題',
  'editor.problem': '第 {line} 行第 {column} 欄',
  'editor.fix': '幫我改好',
  'editor.report': 'kubectl 的回應',
  'editor.tooLarge': '文字太大，無法套用（{megabytes} MB，上限 {limit}）。',
  'diagnostic.other': '{code} {details}',
}
