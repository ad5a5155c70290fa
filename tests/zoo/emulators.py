#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""emulators.py NAME PORT: the first answers of a server that no package holds,
as its public protocol says. They prove less than a real one does: what is not
in the specification is not here."""
import socketserver
import struct
import sys


def receive(sock, n):
    data = b''
    while len(data) < n:
        got = sock.recv(n - len(data))
        if got == b'':
            raise EOFError
        data += got
    return data


# -- HTTP -----------------------------------------------------------------------

def http(status, headers, body):
    def talk(sock):
        while True:
            head = b''
            while b'\r\n\r\n' not in head:
                got = sock.recv(4096)
                if got == b'':
                    return
                head += got
                if b'HTTP/1' not in head and b'\n' in head:
                    sock.sendall(b'HTTP/1.1 400 Bad Request\r\n' + headers +
                                 b'Content-Length: 0\r\nConnection: close\r\n'
                                 b'\r\n')
                    return
            sock.sendall(b'HTTP/1.1 ' + status + b'\r\n' + headers +
                         b'Content-Length: %d\r\n\r\n' % len(body) + body)
    return talk


# What HTTP.sys says where no application has the address.
winrm = http(b'404 Not Found', b'Content-Type: text/html; charset=us-ascii\r\n'
             b'Server: Microsoft-HTTPAPI/2.0\r\n', b'<HTML><HEAD><TITLE>Not '
             b'Found</TITLE></HEAD><BODY><h2>Not Found</h2></BODY></HTML>\r\n')
# Elasticsearch's documentation, "Root API".
elasticsearch = http(
    b'200 OK', b'X-elastic-product: Elasticsearch\r\n'
    b'content-type: application/json; charset=UTF-8\r\n',
    b'{\n  "name" : "zoo",\n  "cluster_name" : "zoo",\n  "cluster_uuid" : '
    b'"x",\n  "version" : {\n    "number" : "7.17.9",\n    "build_flavor" : '
    b'"default",\n    "lucene_version" : "8.11.1"\n  },\n  "tagline" : "You '
    b'Know, for Search"\n}\n')


# -- databases -------------------------------------------------------------------

def element(name, value):
    name = name.encode() + b'\0'
    if isinstance(value, bool):
        return b'\x08' + name + bytes([value])
    if isinstance(value, int):
        return b'\x10' + name + struct.pack('<i', value)
    if isinstance(value, float):
        return b'\x01' + name + struct.pack('<d', value)
    if isinstance(value, dict):
        return b'\x03' + name + bson(value)
    text = value.encode() + b'\0'
    return b'\x02' + name + struct.pack('<i', len(text)) + text


def bson(fields):
    body = b''.join(element(k, v) for k, v in fields.items())
    return struct.pack('<i', len(body) + 5) + body + b'\0'


def mongodb(sock):
    """The wire protocol: OP_MSG (2013) and OP_QUERY (2004), hello, buildInfo."""
    while True:
        length, ident, _, op = struct.unpack('<iiii', receive(sock, 16))
        body = receive(sock, length - 16)
        if b'buildinfo' in body.lower():
            fields = {'version': '4.4.18', 'gitVersion': 'x', 'ok': 1.0}
        elif b'ismaster' in body.lower() or b'hello' in body:
            fields = {'ismaster': True, 'maxBsonObjectSize': 16777216,
                      'minWireVersion': 0, 'maxWireVersion': 9,
                      'readOnly': False, 'ok': 1.0}
        else:
            fields = {'ok': 0.0, 'errmsg': 'command requires authentication',
                      'code': 13, 'codeName': 'Unauthorized'}
        if op == 2013:
            answer, kind = b'\0\0\0\0\0' + bson(fields), 2013
        else:
            answer, kind = struct.pack('<iqii', 8, 0, 0, 1) + bson(fields), 1
        sock.sendall(struct.pack('<iiii', len(answer) + 16, 1, ident, kind) +
                     answer)


def mssql(sock):
    """[MS-TDS] 2.2.6.5 PRELOGIN: version 15.0.2000, no encryption."""
    kind, _, length = struct.unpack('>BBH', receive(sock, 4))
    receive(sock, length - 4)
    if kind != 0x12:
        return
    table = struct.pack('>BHHBHHB', 0, 11, 6, 1, 17, 1, 0xff)
    data = table + struct.pack('>BBHH', 15, 0, 2000, 0) + b'\x02'
    sock.sendall(struct.pack('>BBHHBB', 4, 1, len(data) + 8, 0, 0, 0) + data)
    sock.recv(4096)


def oracle(sock):
    """TNS: CONNECT is answered by REFUSE, with the version in VSNNUM."""
    length, _, kind = struct.unpack('>HHB', receive(sock, 5))
    receive(sock, length - 5)
    if kind != 1:
        return
    text = (b'(DESCRIPTION=(TMP=)(VSNNUM=318767104)(ERR=12514)(ERROR_STACK='
            b'(ERROR=(CODE=12514)(EMFI=4))))')
    body = struct.pack('>BBH', 0x22, 0, len(text)) + text
    sock.sendall(struct.pack('>HHBBH', len(body) + 8, 0, 4, 0, 0) + body)


def browser(_):
    """[MC-SQLR] SVR_RESP."""
    text = (b'ServerName;ZOO;InstanceName;MSSQLSERVER;IsClustered;No;Version;'
            b'15.0.2000.5;tcp;1433;;')
    return b'\x05' + struct.pack('<H', len(text)) + text


def whois(sock):
    """RFC 3912: a line, an answer, the end."""
    got = b''
    while not got.endswith(b'\n'):
        more = sock.recv(512)
        if more == b'':
            return
        got += more
    sock.sendall(b'% zoo whois\r\n\r\nNo match for "' + got.strip() + b'".\r\n')


TCP = {f.__name__: f for f in (mongodb, mssql, oracle, whois)}
TCP.update(winrm=winrm, elasticsearch=elasticsearch)
UDP = {'browser': (browser, (b'\x02', b'\x03', b'\x04'))}


class Stream(socketserver.BaseRequestHandler):
    def handle(self):
        try:
            TCP[NAME](self.request)
        except (EOFError, OSError, struct.error):
            pass


class Datagram(socketserver.BaseRequestHandler):
    def handle(self):
        data, sock = self.request
        talk, begins = UDP[NAME]
        if data.startswith(begins):
            sock.sendto(talk(data), self.client_address)


NAME, PORT = sys.argv[1], int(sys.argv[2])
socketserver.TCPServer.allow_reuse_address = True
if NAME in UDP:
    socketserver.UDPServer(('127.0.0.1', PORT), Datagram).serve_forever()
server = socketserver.ThreadingTCPServer(('127.0.0.1', PORT), Stream)
server.daemon_threads = True
server.serve_forever()
