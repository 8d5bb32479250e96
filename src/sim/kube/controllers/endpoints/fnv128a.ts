const OFFSET = 0x6c62272e07bb014262b821756295c58dn
const PRIME = 0x0000000001000000000000000000013bn
const MASK = (1n << 128n) - 1n

/** FNV-1a with 128 bits of a text of ASCII, as 32 hexadecimal digits: what the endpoint controllers sort ports by. Source: Go hash/fnv New128a */
export function fnv128a(text: string): string {
  let hash = OFFSET
  for (let index = 0; index < text.length; index++) hash = ((hash ^ BigInt(text.charCodeAt(index) & 0xff)) * PRIME) & MASK
  return hash.toString(16).padStart(32, '0')
}
