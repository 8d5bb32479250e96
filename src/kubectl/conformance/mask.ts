/** Takes out of kubectl's text what differs from run to run: ages, times, random suffixes, uids, versions, columns' widths that hang on them. */
export function maskText(text: string): string {
  return text
    .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '<uid>')
    .replace(/\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}/g, '<time>')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, '<time>')
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000 UTC/g, '<time>')
    .replace(/resourceVersion: "\d+"/g, 'resourceVersion: "<rv>"')
    .replace(/"resourceVersion": "\d+"/g, '"resourceVersion": "<rv>"')
    .replace(/containerd:\/\/[0-9a-f]+/g, '<container>')
    .replace(/docker\.io\/[^ @"]*@sha256:[0-9a-f]{64}/g, '<digest>')
    .replace(/(-[bcdf0-9]{6,10})-[bcdfghjklmnpqrstvwxz2456789]{5}\b/g, '$1-<rand>')
    .replace(
      /\b(kube-api-access|headless|lb|lb-pending|sticky|extip|web|agent|unready)-[bcdfghjklmnpqrstvwxz2456789]{5}\b/g,
      '$1-<rand>',
    )
    .replace(/\(x\d+ over [^)]*\)/g, '<count>')
    .replace(/(?<![\w.:/-])(?:\d+d)?(?:\d+h)?(?:\d+m)?\d+[smhd](?![\w.:/-])/g, '<age>')
    .replace(/10\.244\.\d+\.\d+/g, '<pod-ip>')
    .replace(/\b10\.(?:9[6-9]|10\d|11[01])\.\d+\.\d+\b/g, '<cluster-ip>')
    .replace(/[ \t]+/g, ' ')
    .replace(/-{3,}/g, '---')
    .replace(/ $/gm, '')
}
