# SPDX-License-Identifier: ISC
"""More servers: those that are met less often. entry.py says what an entry
means."""
from entry import FULL, INETD, KEY, TLS, Server as S

AS_NOBODY = 'setpriv --reuid=nobody --regid=nogroup --clear-groups '
EMULATOR = 'python3 @zoo@/emulators.py '
WSGI = ('def app(env, start):\n    start("200 OK", [])\n'
        '    return [b"hello"]\n')

MORE = [
    # -- web servers ------------------------------------------------------------
    S('caddy', 'caddy', 'caddy file-server --listen 127.0.0.1:@port@ --root '
      '@dir@', [('tcp/8020', 'http', 'Caddy')]),
    S('minihttpd', 'mini-httpd', 'mini_httpd -D -p @port@ -d @dir@ -u nobody',
      [('tcp/8021', 'http', 'mini_httpd', FULL)]),
    S('microhttpd', 'micro-httpd', INETD + '/usr/sbin/micro-httpd @dir@',
      [('tcp/8022', 'http', 'micro_httpd')]),
    S('webfs', 'webfs', 'webfsd -F -p @port@ -r @dir@',
      [('tcp/8023', 'http', 'webfs', FULL)]),
    S('h2o', 'h2o', 'h2o -c @dir@/conf', [('tcp/8024', 'http', 'h2o', FULL)],
      files={'conf': 'listen: 8024\nuser: nobody\nhosts:\n  default:\n    paths:\n'
             '      /:\n        file.dir: @dir@\n'}),
    S('uwsgi', 'uwsgi-core uwsgi-plugin-python3', 'uwsgi_python3 --http-socket '
      '127.0.0.1:@port@ --wsgi-file @dir@/app.py --callable app',
      [('tcp/8025', 'http', '~uWSGI')], files={'app.py': WSGI}),
    S('werkzeug', 'python3-werkzeug', 'python3 @dir@/app.py',
      [('tcp/8026', 'http', 'Werkzeug', FULL)],
      files={'app.py': WSGI + 'from werkzeug.serving import run_simple\n'
             'run_simple("127.0.0.1", 8026, app)\n'}),
    S('tornado', 'python3-tornado', 'python3 @dir@/app.py',
      [('tcp/8027', 'http', 'Tornado', 2)],
      files={'app.py': 'import asyncio, tornado.web\n'
             'async def main():\n    tornado.web.Application([]).listen(8027)\n'
             '    await asyncio.Event().wait()\nasyncio.run(main())\n'}),
    S('twisted', 'python3-twisted', 'twistd3 -n --pidfile= -l - web --listen '
      'tcp:@port@ --path @dir@', [('tcp/8028', 'http', 'Twisted', FULL)]),
    S('waitress', 'python3-waitress', 'waitress-serve --listen=127.0.0.1:@port@ '
      'app:app', [('tcp/8029', 'http', 'waitress')], files={'app.py': WSGI},
      env={'PYTHONPATH': '@dir@'}),
    S('aiohttp', 'python3-aiohttp', 'python3 @dir@/app.py',
      [('tcp/8030', 'http', 'aiohttp', FULL)],
      files={'app.py': 'from aiohttp import web\n'
             'web.run_app(web.Application(), host="127.0.0.1", port=8030)\n'}),
    S('uvicorn', 'python3-uvicorn', 'python3 -m uvicorn --port @port@ app:app',
      [('tcp/8031', 'http', 'uvicorn')],
      files={'app.py': 'async def app(scope, receive, send):\n'
             '    if scope["type"] == "http":\n'
             '        await send({"type": "http.response.start", "status": 200})\n'
             '        await send({"type": "http.response.body", "body": b"x"})\n'}),
    S('webrick', 'ruby-webrick', 'ruby -rwebrick -e "WEBrick::HTTPServer.new('
      'Port: @port@, BindAddress: %q(127.0.0.1)).start"',
      [('tcp/8032', 'http', 'WEBrick', FULL)]),
    S('puma', 'puma', 'puma -b tcp://127.0.0.1:@port@ @dir@/config.ru',
      [('tcp/8033', 'http', '~Puma')],
      files={'config.ru': 'run ->(env) { [200, {}, ["hello"]] }\n'}),
    S('thin', 'thin', 'thin -a 127.0.0.1 -p @port@ -R @dir@/config.ru start',
      [('tcp/8034', 'http', 'thin')],
      files={'config.ru': 'run ->(env) { [200, {}, ["hello"]] }\n'}),
    S('nghttpx', 'nghttp2-proxy', 'nghttpx --frontend=127.0.0.1,@port@;no-tls '
      '--backend=127.0.0.1,80 --errorlog-file=/dev/stderr --workers=1 '
      '--conf=/dev/null', [('tcp/8035', 'http', 'nghttpx|nginx')]),
    S('trafficserver', 'trafficserver', 'traffic_server',
      [('tcp/8080', 'http|http-proxy', 'Apache Traffic Server|ATS', 2)],
      before=['mkdir -p /run/trafficserver; chown trafficserver '
              '/run/trafficserver']),
    S('tomcat', 'tomcat10', '/usr/share/tomcat10/bin/catalina.sh run',
      [('tcp/8036', 'http', '~Tomcat')],
      env={'CATALINA_HOME': '/usr/share/tomcat10', 'CATALINA_BASE': '@dir@'},
      before=['mkdir -p logs temp webapps work conf; '
              'cp /usr/share/tomcat10/etc/* conf/; sed -i "s/8080/8036/; '
              's/8443/8037/" conf/server.xml']),
    S('transmission', 'transmission-daemon', 'transmission-daemon -f -g @dir@ -p '
      '@port@ -P 51413', [('tcp/9091', 'http', 'Transmission')]),
    S('aria2', 'aria2', 'aria2c --enable-rpc --rpc-listen-port=@port@ '
      '--no-conf --dir=@dir@', [('tcp/6800', 'http', '~aria2')]),
    S('monit', 'monit', 'monit -I -c @dir@/conf',
      [('tcp/2812', 'http', 'monit', FULL)],
      files={'conf': 'set daemon 60\nset pidfile @dir@/pid\nset idfile @dir@/id\n'
             'set statefile @dir@/s\nset httpd port 2812 and use address '
             '127.0.0.1\n allow zoo:zoo\n'}, before=['chmod 600 conf']),
    S('influxdb', 'influxdb', 'influxd -config @dir@/conf',
      [('tcp/8086', 'http', 'InfluxDB', FULL)],
      files={'conf': 'bind-address = "127.0.0.1:8088"\nreporting-disabled = true\n'
             '[meta]\n dir = "@dir@/meta"\n[data]\n dir = "@dir@/data"\n'
             ' wal-dir = "@dir@/wal"\n[http]\n bind-address = '
             '"127.0.0.1:8086"\n'}),
    S('minidlna', 'minidlna', 'minidlnad -S -f @dir@/conf -p @port@ -P @dir@/pid',
      [('tcp/8200', 'http|upnp', 'MiniDLNA', FULL)],
      files={'conf': 'media_dir=@dir@/m\ndb_dir=@dir@/db\nlog_dir=@dir@\n'
             'network_interface=lo\n'}, before=['mkdir m db']),
    S('deluge', 'deluged', 'deluged -d -c @dir@ -p @port@ -u 127.0.0.1 -i '
      '127.0.0.1', [('tcp/58846', 'deluge', '~Deluge')]),
    S('qbittorrent', 'qbittorrent-nox', 'qbittorrent-nox --profile=@dir@ '
      '--webui-port=@port@', [('tcp/8090', 'http', 'qBittorrent')],
      files={'qBittorrent/config/qBittorrent.conf':
             '[LegalNotice]\nAccepted=true\n'}),
    S('i2pd', 'i2pd', 'i2pd --conf=@dir@/none --datadir=@dir@ --httpproxy.port='
      '@port@ --sam.enabled=true --http.port=7070',
      [('tcp/4444', 'http-proxy|http', '~I2P'), ('tcp/7070', 'http', 'i2pd'),
       ('tcp/7656', 'sam|i2p-sam', '~I2P')], files={'none': ''}),
    S('netdata', 'netdata-core', 'netdata -D -c @dir@/conf -p @port@ -i 127.0.0.1',
      [('tcp/19999', 'http', 'Netdata')],
      files={'conf': '[global]\nrun as user = root\n[db]\nmode = ram\n'
             '[plugins]\nproc = no\n'}),
    S('xymon', 'xymon', '/usr/lib/xymon/server/bin/xymond --no-daemon --listen='
      '127.0.0.1:@port@', [('tcp/1984', 'xymon|bb', '~Xymon')],
      env={'XYMONTMP': '@dir@', 'XYMONHOME': '/usr/lib/xymon/server',
           'HOSTSCFG': '/etc/xymon/hosts.cfg', 'XYMONSERVERROOT':
           '/usr/lib/xymon', 'XYMONVAR': '@dir@', 'XYMONALLHOSTSREPDIR':
           '@dir@'}),
    # -- mail, news -----------------------------------------------------------------
    S('exim', 'exim4-daemon-light exim4-base', 'exim4 -C @dir@/conf -bdf -oX '
      '127.0.0.1.@port@ -oP @dir@/pid', [('tcp/2525', 'smtp', 'Exim', FULL)],
      files={'conf': 'primary_hostname = zoo.example\nspool_directory = @dir@\n'
             'log_file_path = @dir@/%slog\nexim_user = nobody\nexim_group = nogroup\n'
             'host_lookup =\nrfc1413_query_timeout = 0s\n'},
      before=['chown nobody .; id Debian-exim || '
              '/usr/sbin/useradd -r Debian-exim']),
    S('opensmtpd', 'opensmtpd', 'smtpd -d -f @dir@/conf',
      [('tcp/2526', 'smtp', 'OpenSMTPD')],
      files={'conf': 'listen on 127.0.0.1 port 2526\naction "r" relay\n'
             'match from local for any action "r"\n'},
      before=['id opensmtpd || useradd -r -d /var/empty opensmtpd; id opensmtpq '
              '|| useradd -r -d /var/empty opensmtpq',
              'mkdir -p /var/spool/smtpd /var/lib/opensmtpd/empty /var/empty; '
              'chmod 711 /var/spool/smtpd']),
    S('aiosmtpd', 'python3-aiosmtpd', 'python3 -m aiosmtpd -n -l 127.0.0.1:'
      '@port@', [('tcp/2527', 'smtp', 'aiosmtpd', FULL)]),
    S('imap4d', 'mailutils-imap4d', INETD + 'imap4d --no-config --inetd',
      [('tcp/1143', 'imap', 'Mailutils')]),
    S('pop3d', 'mailutils-pop3d', INETD + 'mailutils-pop3d --no-config --inetd',
      [('tcp/1110', 'pop3', 'Mailutils')],
      before=['command -v mailutils-pop3d || ln -s /usr/sbin/pop3d '
              '/usr/sbin/mailutils-pop3d']),
    S('managesieve', 'dovecot-core dovecot-managesieved dovecot-lmtpd',
      'dovecot -F -c @dir@/conf',
      [('tcp/4190', 'sieve', 'Dovecot Pigeonhole'), ('tcp/2400', 'lmtp',
                                                     'Dovecot')],
      files={'conf': 'protocols = sieve lmtp\nssl = no\nbase_dir = @dir@/run\n'
             'state_dir = @dir@/run\nlog_path = /dev/stderr\n'
             'mail_location = mbox:~/mail\ndefault_internal_user = nobody\n'
             'default_internal_group = nogroup\ndefault_login_user = daemon\n'
             'service lmtp {\n inet_listener lmtp {\n  port = 2400\n }\n}\n'
             'passdb {\n driver = static\n args = password=x\n}\n'
             'userdb {\n driver = static\n args = uid=65534 gid=65534 '
             'home=/nonexistent\n}\n'}),
    S('postgrey', 'postgrey', 'postgrey --inet=127.0.0.1:@port@ --dbdir=@dir@/db '
      '--user=nobody --group=nogroup', [('tcp/10023', 'policyd', '~postgrey|policy server')],
      before=['mkdir db; chown nobody db']),
    S('opendkim', 'opendkim', 'opendkim -f -p inet:@port@@127.0.0.1 -d zoo.example '
      '-s zoo -k @dir@/key', [('tcp/8891', 'milter', '~OpenDKIM')],
      before=['cp ' + KEY + ' key; chmod 600 key']),
    S('leafnode', 'leafnode', INETD + 'setpriv --reuid=news '
      '--regid=news --clear-groups /usr/sbin/leafnode',
      [('tcp/119', 'nntp', 'Leafnode', FULL)],
      before=['mkdir -p /etc/news/leafnode; printf "server = localhost\\n'
              'hostname = news.zoo-house.org\\nexpire = 20\\n" '
              '>/etc/news/leafnode/config']),
    S('spamd', 'spamd', '/usr/sbin/spamd -p @port@ -i 127.0.0.1 -L -s stderr '
      '--max-children 1', [('tcp/783', 'spamassassin', 'SpamAssassin')]),
    # -- small ones -------------------------------------------------------------------
    S('xinetd', 'xinetd', 'xinetd -dontfork -f @dir@/conf -pidfile @dir@/pid',
      [('tcp/7', 'echo', '~'), ('tcp/13', 'daytime', '~'),
       ('tcp/19', 'chargen', '~'), ('tcp/37', 'time', '~'),
       ('udp/7', 'echo', '~'), ('udp/13', 'daytime', '~')],
      files={'conf': ''.join(
          'service %s\n{\n type = INTERNAL UNLISTED\n id = %s-%s\n port = %d\n'
          ' socket_type = %s\n protocol = %s\n user = root\n wait = %s\n'
          ' disable = no\n}\n' % (
              name, name, proto, port, 'stream' if proto == 'tcp' else 'dgram',
              proto, 'no' if proto == 'tcp' else 'yes')
          for name, port in (('echo', 7), ('daytime', 13), ('chargen', 19),
                             ('time', 37)) for proto in ('tcp', 'udp'))}),
    S('fingerd', 'fingerd finger', INETD + '/usr/sbin/in.fingerd',
      [('tcp/1079', 'finger', '~fingerd')]),
    S('nullidentd', 'nullidentd', INETD + AS_NOBODY + 'nullidentd',
      [('tcp/1113', 'ident|auth', '~nullidentd')]),
    S('gophernicus', 'gophernicus', INETD + AS_NOBODY + 'gophernicus -h zoo.example -r '
      '@dir@', [('tcp/70', 'gopher', 'Gophernicus')]),
    S('pygopherd', 'pygopherd', 'pygopherd @dir@/conf',
      [('tcp/1070', 'gopher|http', '~PyGopherd')],
      before=['sed "s,^port *=.*,port = 1070,; s,^detach.*,detach = no,; '
              's,^pidfile.*,pidfile = @dir@/pid,; s,^usechroot.*,usechroot = no,; '
              's,^root *=.*,root = @dir@," /etc/pygopherd/pygopherd.conf >conf']),
    S('ftpd', 'inetutils-ftpd', INETD + '/usr/sbin/ftpd',
      [('tcp/2123', 'ftp', 'inetutils')],
      before=['[ -e /usr/sbin/ftpd ] || ln -s in.ftpd /usr/sbin/ftpd']),
    S('lprng', 'lprng', '/usr/sbin/lpd -F', [('tcp/515', 'printer', '~LPRng')],
      before=['touch /etc/printcap; mkdir -p /run/lprng',
              'echo lpd_listen_port=515 >>/etc/lprng/lpd.conf']),
    S('atftpd', 'atftpd', 'atftpd --daemon --no-fork --user root --group root '
      '--port @port@ @dir@', [('udp/1069', 'tftp', '~atftpd')]),
    # -- chat, games ----------------------------------------------------------------------
    S('inspircd', 'inspircd', 'inspircd --nofork --runasroot --config @dir@/conf',
      [('tcp/6668', 'irc', 'InspIRCd')],
      files={'conf': '<server name="zoo.example" description="zoo" id="0ZO">\n'
             '<admin name="a" nick="a" email="a@zoo.example">\n'
             '<bind address="127.0.0.1" port="6668" type="clients">\n'
             '<connect allow="*" resolvehostnames="no">\n<pid file="@dir@/pid">\n'
             '<dns server="127.0.0.1" timeout="1">\n'}),
    S('ircdhybrid', 'ircd-hybrid', 'ircd-hybrid -foreground -configfile '
      '@dir@/conf -pidfile @dir@/pid -logfile @dir@/l',
      [('tcp/6670', 'irc', 'Hybrid', FULL)],
      user='irc',
      files={'conf': 'serverinfo { name = "zoo.example"; sid = "0ZO"; '
             'description = "zoo"; network_name = "zoo"; };\n'
             'listen { host = "127.0.0.1"; port = 6670; };\n'
             'class { name = "users"; ping_time = 90 seconds; number_per_ip_local '
             '= 50; max_number = 100; sendq = 100 kbytes; };\n'
             'auth { user = "*@*"; class = "users"; };\n'
             'general { disable_auth = yes; throttle_count = 100; };\n'}),
    S('bip', 'bip', 'bip -n -f @dir@/conf', [('tcp/6671', 'irc', '~bip')],
      files={'conf': 'ip = "127.0.0.1";\nport = 6671;\nclient_side_ssl = false;\n'
             'pid_file = "@dir@/pid";\nlog_root = "@dir@";\n'
             'user { name = "a"; password = '
             '"3880f2b39b3b9cb507b052b695d2680859bfc327"; };\n'}, user='nobody',
      group='nogroup'),
    S('znc', 'znc', 'znc --foreground --allow-root -d @dir@',
      [('tcp/6672', 'irc|http', 'ZNC')],
      files={'configs/znc.conf': 'Version = 1.8.2\n<Listener l>\n Port = 6672\n'
             ' IPv4 = true\n IPv6 = false\n SSL = false\n</Listener>\n'
             '<User a>\n Admin = true\n Pass = md5#::#x#abc#\n</User>\n'}),
    S('quassel', 'quassel-core', 'quasselcore --configdir=@dir@ --port=@port@ '
      '--listen=127.0.0.1', [('tcp/4242', 'quassel', '~Quassel')]),
    S('wesnoth', 'wesnoth-1.16-server', '/usr/games/wesnothd-1.16 -p @port@',
      [('tcp/15000', 'wesnoth', '~Wesnoth')],
      before=['[ -e /usr/games/wesnothd-1.16 ] || ln -s wesnothd '
              '/usr/games/wesnothd-1.16']),
    S('freeciv', 'freeciv-server', '/usr/games/freeciv-server -p @port@ -b '
      '127.0.0.1', [('tcp/5556', 'freeciv', '~Freeciv')], stdin=True, user='nobody',
      group='nogroup'),
    S('minetest', 'minetest-server', '/usr/lib/minetest/minetestserver --port '
      '@port@ --gameid minetest --world @dir@/w',
      [('udp/30000', 'minetest', '~Minetest')]),
    # -- the network's own -----------------------------------------------------------------
    S('nrpe', 'nagios-nrpe-server', 'nrpe -f -n -c @dir@/conf',
      [('tcp/5666', 'nrpe', 'NRPE', FULL)],
      files={'conf': 'pid_file=@dir@/pid\nserver_port=5666\n'
             'server_address=127.0.0.1\nnrpe_user=nobody\nnrpe_group=nogroup\n'
             'allowed_hosts=127.0.0.1\ndont_blame_nrpe=0\n'}),
    S('microsocks', 'microsocks', 'microsocks -i 127.0.0.1 -p @port@',
      [('tcp/1081', 'socks|socks5', '~microsocks')]),
    S('gpsd', 'gpsd', 'gpsd -N -n -S @port@ -F @dir@/s',
      [('tcp/2947', 'gpsd', 'gpsd', FULL)]),
    S('lcdd', 'lcdproc', 'LCDd -f -c @dir@/conf',
      [('tcp/13666', 'lcdproc|lcdd', 'LCDproc')],
      files={'conf': '[server]\nDriver=text\nDriverPath=/usr/lib/'
             'x86_64-linux-gnu/lcdproc/\nBind=127.0.0.1\nPort=13666\n'
             'User=nobody\n[text]\nSize=16x2\n'}),
    S('apcupsd', 'apcupsd', 'apcupsd -b -f @dir@/conf',
      [('tcp/3551', 'apcupsd', '~apcupsd')],
      files={'conf': '## apcupsd.conf v1.1 ##\nUPSCABLE ether\nUPSTYPE net\n'
             'DEVICE 127.0.0.1:3552\nLOCKFILE @dir@\nSCRIPTDIR /etc/apcupsd\n'
             'PWRFAILDIR @dir@\nNOLOGINDIR @dir@\nNETSERVER on\nNISIP 127.0.0.1\n'
             'NISPORT 3551\nEVENTSFILE @dir@/events\n'}),
    S('gmond', 'ganglia-monitor', 'gmond -f -c @dir@/conf',
      [('tcp/8649', 'ganglia', 'Ganglia gmond', FULL)],
      files={'conf': 'globals { daemonize = no\n setuid = no\n mute = no\n'
             ' deaf = no\n}\ncluster { name = "zoo" }\n'
             'tcp_accept_channel { port = 8649\n bind = "127.0.0.1" }\n'}),
    S('pgpool', 'pgpool2', 'pgpool -n -f @dir@/conf -F @dir@/pcp -a @dir@/hba',
      [('tcp/5433', 'postgresql', '~Pgpool|PostgreSQL')],
      files={'conf': "listen_addresses = '127.0.0.1'\nport = 5433\n"
             "pcp_port = 9898\nunix_socket_directories = '@dir@'\n"
             "pcp_socket_dir = '@dir@'\nbackend_hostname0 = '127.0.0.1'\n"
             "backend_port0 = 5432\npid_file_name = '@dir@/pid'\n"
             "socket_dir = '@dir@'\nlogdir = '@dir@'\n", 'pcp': '', 'hba': ''}),
    S('firebird', 'firebird3.0-server', '/usr/sbin/firebird -p gds_db',
      [('tcp/3050', 'firebird|gds_db', 'Firebird')],
      env={'FIREBIRD_TMP': '@dir@', 'FIREBIRD_LOCK': '@dir@'}),
    S('tarantool', 'tarantool', 'tarantool @dir@/init.lua',
      [('tcp/3301', 'tarantool', 'Tarantool', FULL)],
      files={'init.lua': 'box.cfg{listen = "127.0.0.1:3301", work_dir = "@dir@", '
             'memtx_memory = 33554432}\n'}),
    S('webdis', 'webdis redis-server', 'webdis @dir@/conf.json',
      [('tcp/7379', 'http', 'Webdis')],
      files={'conf.json': '{"redis_host":"127.0.0.1","redis_port":6379,'
             '"http_host":"127.0.0.1","http_port":7379,"threads":1,'
             '"daemonize":false,"logfile":"@dir@/l"}\n'}),
    S('zookeeper', 'zookeeper', 'java -cp /etc/zookeeper/conf:'
      '/usr/share/java/* org.apache.zookeeper.server.quorum.QuorumPeerMain '
      '@dir@/zoo.cfg', [('tcp/2181', 'zookeeper', 'ZooKeeper')],
      files={'zoo.cfg': 'tickTime=2000\ndataDir=@dir@/d\nclientPort=2181\n'
             'clientPortAddress=127.0.0.1\nadmin.enableServer=false\n'
             '4lw.commands.whitelist=srvr\n'}),
    S('stunnel', 'stunnel4', 'stunnel4 @dir@/conf',
      [('tcp/8443', 'http|https', 'nginx|lighttpd')],
      files={'conf': 'foreground = yes\npid = @dir@/pid\n[web]\naccept = '
             '127.0.0.1:8443\nconnect = 127.0.0.1:8082\ncert = ' + TLS +
             '\nkey = ' + KEY + '\n'}),
    S('hitch', 'hitch', 'hitch --config=@dir@/conf',
      [('tcp/8444', 'http|https', 'lighttpd|nginx')],
      files={'conf': 'frontend = "[127.0.0.1]:8444"\nbackend = '
             '"[127.0.0.1]:8082"\nworkers = 1\ndaemon = off\nuser = "nobody"\n'
             'pem-file = "@dir@/both.pem"\n'},
      before=['cat ' + KEY + ' ' + TLS + ' >both.pem']),
    S('tightvnc', 'tightvncserver xfonts-base', 'Xtightvnc :9 -rfbport @port@ -nolisten '
      'local', [('tcp/5902', 'vnc|rfb', '~TightVNC')]),
    S('x11vnc', 'x11vnc xvfb', 'sh -c "Xvfb :3 -listen tcp -ac -nolisten unix & '
      'until x11vnc -display 127.0.0.1:3 -rfbport @port@ -localhost -nopw '
      '-forever -shared -noshm -no6; do :; done"', [('tcp/5903', 'vnc|rfb', '~x11vnc')]),
    S('websockify', 'websockify', 'websockify 127.0.0.1:@port@ 127.0.0.1:5900',
      [('tcp/6080', 'http', 'WebSockify')]),
    S('ocserv', 'ocserv', 'ocserv -f -c @dir@/conf',
      [('tcp/4443', 'http|https', 'ocserv|OpenConnect')],
      files={'conf': 'auth = "plain[passwd=@dir@/p]"\ntcp-port = 4443\n'
             'run-as-user = nobody\nrun-as-group = nogroup\n'
             'socket-file = @dir@/s\nserver-cert = ' + TLS + '\nserver-key = ' +
             KEY + '\ndevice = vpns\nipv4-network = 10.95.0.0/24\n'
             'max-clients = 16\nisolate-workers = false\n'
             'tls-priorities = "NORMAL"\n', 'p': ''}),
    S('charon', 'strongswan-charon|strongswan-starter',
      '/usr/lib/ipsec/charon', [('udp/500', 'isakmp|ike', '~strongSwan'),
                                ('udp/4500', 'ipsec-nat-t|isakmp', '~')]),
    S('icecc', 'icecc', '/usr/sbin/icecc-scheduler -p @port@ -l @dir@/l',
      [('tcp/8765', 'icecc|icecream', '~icecc')]),
    S('dnsdist', 'dnsdist', 'dnsdist --supervised -C @dir@/conf',
      [('tcp/5306', 'domain', '~dnsdist|dnsmasq'),
       ('udp/5306', 'domain', '~dnsdist|dnsmasq')],
      files={'conf': 'setLocal("127.0.0.1:5306")\n'
             'newServer("127.0.0.1:5300")\n'}),
    S('kresd', 'knot-resolver', 'kresd -n -c @dir@/conf @dir@',
      [('tcp/5307', 'domain', 'Knot Resolver', None),
       ('udp/5307', 'domain', 'Knot Resolver', None)],
      files={'conf': 'net.listen("127.0.0.1", 5307)\n'
             'cache.size = 10 * MB\nuser("knot-resolver","knot-resolver")\n'},
      before=['chown knot-resolver .']),
    S('bacula-sd', 'bacula-sd', 'bacula-sd -f -c @dir@/conf',
      [('tcp/9103', 'bacula-sd', 'Bacula')],
      files={'conf': 'Storage { Name = zoo-sd; SDPort = 9103; WorkingDirectory = '
             '@dir@; Pid Directory = @dir@; }\nDirector { Name = zoo-dir; '
             'Password = "x"; }\nDevice { Name = d; Media Type = File; Archive '
             'Device = @dir@; }\nMessages { Name = Standard; director = zoo-dir = '
             'all; }\n'}),
    S('pulse', 'pulseaudio', 'pulseaudio -n --daemonize=no --exit-idle-time=-1 '
      '--use-pid-file=no -L "module-native-protocol-tcp port=4317 '
      'auth-anonymous=1" -L module-null-sink',
      [('tcp/4317', 'pulseaudio', '~PulseAudio')], user='nobody',
      group='nogroup'),
    S('hylafax', 'hylafax-server', '/usr/sbin/hfaxd -d -i 4559 -s 444',
      [('tcp/4559', 'hylafax', 'HylaFAX')]),

    # -- emulators: no package has these -----------------------------------------------
    S('winrm', '', EMULATOR + 'winrm @port@',
      [('tcp/5985', 'http|wsman', 'HTTPAPI', '2.0')], emulator=True),
    S('elasticsearch', '', EMULATOR + 'elasticsearch @port@',
      [('tcp/9200', 'http|elasticsearch', 'Elasticsearch', '7.17.9')],
      emulator=True),
    S('mongodb', '', EMULATOR + 'mongodb @port@',
      [('tcp/27017', 'mongodb', 'MongoDB', '4.4.18')], emulator=True),
    S('mssql', '', EMULATOR + 'mssql @port@',
      [('tcp/1433', 'ms-sql-s', 'Microsoft SQL Server', '15.00.2000|15.0.2000')],
      emulator=True),
    S('mssqlbrowser', '', EMULATOR + 'browser @port@',
      [('udp/1434', 'ms-sql-m', 'Microsoft SQL Server', '15.0.2000')],
      emulator=True),
    S('oracle', '', EMULATOR + 'oracle @port@',
      [('tcp/1521', 'oracle-tns', 'Oracle', '19.0.0.0.0')], emulator=True),
    S('whois', '', EMULATOR + 'whois @port@', [('tcp/43', 'whois', '~')],
      emulator=True),
]
