import type { Words } from '../words.js'

export const gallery: Words<typeof import('../en/gallery.js').gallery> = {
  'gallery.title': '场景',
  'gallery.open': '打开文件…',
  'gallery.save': '存为文件',
  'gallery.drop': '也可以把场景文件或清单拖到页面上。',
  'gallery.dropHere': '松开即会作为一个集群打开。',
  'gallery.saved': '已存为 {name}。',
  'gallery.current': '当前打开',
  'story.none': '这个集群没有附带故事。发个请求、改个清单，或弄坏点什么。',
  'story.question': '问题',
  'story.misconception': '常见的误解',
  'story.step': '{n} / {count}',
  'story.next': '下一段',
  'story.previous': '上一段',
  'story.do': '动手做',
  'story.predict': '预测',
  'story.right': '正是如此。',
  'story.notYet': '已记下，继续看就知道。',
  'story.wrong': '这次不是：看看说明原因的那一步。',
  'story.show': '看原因',
  'story.skip': '可以跳过，不计分。',
}
