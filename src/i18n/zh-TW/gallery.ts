import type { Words } from '../words.js'

export const gallery: Words<typeof import('../en/gallery.js').gallery> = {
  'gallery.title': '情境',
  'gallery.open': '開啟檔案…',
  'gallery.save': '存成檔案',
  'gallery.drop': '也可以把情境檔或資源清單拖到頁面上。',
  'gallery.dropHere': '放開就會當成一個叢集開啟。',
  'gallery.saved': '已存成 {name}。',
  'gallery.current': '目前開啟',
  'story.none': '這個叢集沒有附帶故事。送個請求、改個資源清單，或弄壞點什麼。',
  'story.question': '問題',
  'story.misconception': '常見的誤解',
  'story.step': '{n} / {count}',
  'story.next': '下一段',
  'story.previous': '上一段',
  'story.do': '動手做',
  'story.predict': '預測',
  'story.right': '正是如此。',
  'story.notYet': '記下了，繼續看下去就知道。',
  'story.wrong': '這次不是：看看說明原因的那一步。',
  'story.show': '看原因',
  'story.skip': '可以跳過，不計分。',
}
