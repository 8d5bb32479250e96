const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Base64 of a text's UTF-8 bytes. */
export function toBase64(text: string): string {
  return toBase64Bytes(utf8(text))
}

export function toBase64Bytes(bytes: readonly number[]): string {
  let encoded = ''
  for (let index = 0; index < bytes.length; index += 3) {
    const [a = 0, b, c] = [bytes[index], bytes[index + 1], bytes[index + 2]]
    const word = (a << 16) | ((b ?? 0) << 8) | (c ?? 0)
    encoded += BASE64[word >> 18] ?? ''
    encoded += BASE64[(word >> 12) & 63] ?? ''
    encoded += b === undefined ? '=' : (BASE64[(word >> 6) & 63] ?? '')
    encoded += c === undefined ? '=' : (BASE64[word & 63] ?? '')
  }
  return encoded
}

function utf8(text: string): number[] {
  const bytes: number[] = []
  for (const char of text) {
    const point = char.codePointAt(0) ?? 0
    if (point < 0x80) bytes.push(point)
    else if (point < 0x800) bytes.push(0xc0 | (point >> 6), 0x80 | (point & 63))
    else if (point < 0x10000) bytes.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63))
    else bytes.push(0xf0 | (point >> 18), 0x80 | ((point >> 12) & 63), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63))
  }
  return bytes
}

/** The bytes that a text of Base64 stands for, each as one character: enough to read JSON, whose marks are ASCII. */
export function fromBase64(encoded: string): string {
  let bits = 0
  let held = 0
  let bytes = ''
  for (const char of encoded) {
    const value = BASE64.indexOf(char)
    if (value < 0) continue
    bits = ((bits << 6) | value) & 0xffff
    held += 6
    if (held < 8) continue
    held -= 8
    bytes += String.fromCharCode((bits >> held) & 0xff)
  }
  return bytes
}
