import type { Words } from '../words.js'

export const editor: Words<typeof import('../en/editor.js').editor> = {
  'editor.name': '清单编辑器',
  'editor.text': '清单',
  'editor.apply': '应用',
  'editor.insert': '插入…',
  'editor.open': '打开…',
  'editor.diff': '与集群比较',
  'editor.diff.end': '回到编辑',
  'editor.diff.left': '集群中的',
  'editor.leave': '按 Ctrl+M 之后，Tab 键可离开编辑器。',
  'editor.restored': '你尚未应用的文字已恢复。',
  'editor.discard': '丢弃',
  'editor.problems': '问题',
  'editor.problem': '第 {line} 行第 {column} 列',
  'editor.fix': '帮我改好',
  'editor.report': 'kubectl 的输出',
  'editor.tooLarge': '文字过大，无法应用（{megabytes} MB，上限 {limit}）。',
  'diagnostic.other': '{code} {details}',
}
