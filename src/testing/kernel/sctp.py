# SCTP by hand, for kernels without it: sends an INIT, or answers those that come with an INIT ACK whose cookie says who answered and
# what source it saw.
import json
import socket
import struct
import sys
import time

SCTP = 132
INIT, INIT_ACK = 1, 2

TABLE = []
for n in range(256):
    for _ in range(8):
        n = (n >> 1) ^ (0x82F63B78 if n & 1 else 0)
    TABLE.append(n)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = (crc >> 8) ^ TABLE[(crc ^ byte) & 255]
    return crc ^ 0xFFFFFFFF


def packet(sport, dport, tag, kind, cookie=b''):
    cookie += b' ' * (-len(cookie) % 4)
    parameter = struct.pack('!HH', 7, 4 + len(cookie)) + cookie if cookie else b''
    body = struct.pack('!IIHHI', 0x50415448, 65535, 1, 1, 1) + parameter
    chunk = struct.pack('!BBH', kind, 0, 4 + len(body)) + body
    head = struct.pack('!HHI', sport, dport, tag)
    return head + struct.pack('<I', crc32c(head + b'\0\0\0\0' + chunk)) + chunk


def parse(data):
    data = data[(data[0] & 15) * 4:]
    sport, dport, _ = struct.unpack('!HHI', data[:8])
    return sport, dport, data[12], struct.unpack('!I', data[16:20])[0], data[36:]


def answer(who, port):
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, SCTP)
    print('ready', flush=True)
    while True:
        data, (source, _) = raw.recvfrom(4096)
        sport, dport, kind, tag, _ = parse(data)
        if kind == INIT and dport == port:
            cookie = json.dumps({'who': who, 'source': source}).encode()
            raw.sendto(packet(port, sport, tag, INIT_ACK, cookie), (source, 0))


def connect(ip, port, sport):
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, SCTP)
    raw.connect((ip, 0))
    end = time.time() + 1.5
    try:
        raw.send(packet(sport, port, 0, INIT))
        while time.time() < end:
            raw.settimeout(max(0.01, end - time.time()))
            from_port, to_port, kind, _, rest = parse(raw.recv(4096))
            if kind == INIT_ACK and from_port == port and to_port == sport:
                return {'verdict': 'answered', **json.loads(rest.decode())}
    except socket.timeout:
        pass
    except OSError as error:
        return {'verdict': 'refused' if error.errno == 111 else str(error)}
    return {'verdict': 'timeout'}


if sys.argv[1] == 'answer':
    answer(sys.argv[2], int(sys.argv[3]))
else:
    print(json.dumps(connect(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))))
