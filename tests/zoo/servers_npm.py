# SPDX-License-Identifier: ISC
"""Servers that only npm has: each is a version of a package, and a few lines that
start it. entry.py says what an entry means."""
from entry import Server as S

RUN = '@node@ @dir@/server.js'

NPM = [
    # Newer ones say the same of 1.16.5, and bring 500 MB of other versions. What
    # a TLS handshake holds may look like a length below 0, which would end it.
    S('minecraft', '', RUN, [('tcp/25565', 'minecraft', 'Minecraft', '1.16.5')],
      npm='minecraft-protocol@1.26.5', files={'server.js': '''
require("minecraft-protocol").createServer({host: "127.0.0.1", port: @port@,
    version: "1.16.5", "online-mode": false, motd: "Zoo craft"})
process.on("uncaughtException", e => console.log(e.message))
'''}),
    # The second one knows no identification: it refuses the function.
    S('modbus', '', RUN, [('tcp/502', 'mbap', 'Zoo Works', '2.1'),
                          ('tcp/5020', 'mbap', '~')],
      npm='modbus-serial@8.0.25', files={'server.js': '''
const {ServerTCP} = require("modbus-serial")
const vector = {getHoldingRegister: address => address, getCoil: () => true}
const named = Object.assign({readDeviceIdentification: () => ({
    0: "Zoo Works", 1: "ZW-100", 2: "2.1", 5: "Feeder"})}, vector)
new ServerTCP(named, {host: "127.0.0.1", port: @port@})
new ServerTCP(vector, {host: "127.0.0.1", port: 5020})
'''}),
    S('nodemedia', '', RUN, [('tcp/1935', 'rtmp', '~Node.?Media'),
                             ('tcp/8037', 'http', 'Express')],
      npm='node-media-server@2.7.4', files={'server.js': '''
const Server = require("node-media-server")
new Server({rtmp: {port: @port@, chunk_size: 60000, gop_cache: true, ping: 30,
    ping_timeout: 60}, http: {port: 8037, mediaroot: "media"}}).run()
'''}),
    S('aedes', '', RUN, [('tcp/1885', 'mqtt', '~aedes')],
      npm='aedes@0.51.3', files={'server.js': '''
const broker = require("aedes")()
require("net").createServer(broker.handle).listen(@port@, "127.0.0.1")
'''}),
    S('smtpserver', '', RUN, [('tcp/2528', 'smtp', '~smtp-server|Nodemailer')],
      npm='smtp-server@3.13.6', files={'server.js': '''
const {SMTPServer} = require("smtp-server")
new SMTPServer({name: "zoo.example"}).listen(@port@, "127.0.0.1")
'''}),
    S('nodews', '', RUN, [('tcp/8038', 'http', '~Node')],
      npm='ws@8.18.0', files={'server.js': '''
const {WebSocketServer} = require("ws")
new WebSocketServer({host: "127.0.0.1", port: @port@})
'''}),
    S('httpserver', '', '@node@ @npm@/http-server/bin/http-server -a 127.0.0.1 '
      '-p @port@ @dir@', [('tcp/8039', 'http', '~http-server|Node')],
      npm='http-server@14.1.1'),
]
