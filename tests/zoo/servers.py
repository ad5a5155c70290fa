# SPDX-License-Identifier: ISC
"""The servers of the zoo. entry.py says what an entry means."""
from entry import FULL, INETD, KEY, TLS, Server as S
from servers_more import MORE
from servers_npm import NPM

ALL = [
    # -- shells, files ----------------------------------------------------------
    S('sshd', 'openssh-server', '/usr/sbin/sshd -D -e -f @dir@/conf',
      [('tcp/22', 'ssh', 'OpenSSH', FULL)], ci=True,
      files={'conf': 'HostKey @dir@/key\nPidFile none\n'},
      before=['mkdir -p /run/sshd; ssh-keygen -q -t ed25519 -N "" -f key']),
    S('dropbear', 'dropbear-bin',
      'dropbear -F -E -r @dir@/key -p @port@ -P @dir@/pid',
      [('tcp/2222', 'ssh', 'Dropbear', FULL)], ci=True,
      before=['dropbearkey -t ed25519 -f key']),
    S('tinysshd', 'tinysshd', INETD + '/usr/sbin/tinysshd @dir@/keys',
      [('tcp/2223', 'ssh', 'TinySSH', None)], before=[
          '/usr/sbin/tinysshd-makekey keys']),
    S('telnetd', 'inetutils-telnetd', INETD + '/usr/sbin/telnetd -h',
      [('tcp/23', 'telnet', '~telnetd')]),
    S('vsftpd', 'vsftpd', 'vsftpd @dir@/conf',
      [('tcp/21', 'ftp', 'vsftpd', FULL)], ci=True,
      files={'conf': 'listen=YES\nbackground=NO\nanonymous_enable=YES\n'
             'local_enable=NO\nsecure_chroot_dir=@dir@/empty\n'
             'anon_root=@dir@/empty\n'},
      before=['mkdir empty']),
    S('proftpd', 'proftpd-core', 'proftpd -n -c @dir@/conf',
      [('tcp/2121', 'ftp', 'ProFTPD', None)],
      files={'conf': 'ServerType standalone\nPort @port@\nUser nobody\n'
             'Group nogroup\nPidFile @dir@/pid\nScoreboardFile @dir@/score\n'
             'UseReverseDNS off\nServerName zoo\n'}),
    S('pureftpd', 'pure-ftpd', '/usr/sbin/pure-ftpd -S @port@ -E',
      [('tcp/2122', 'ftp', 'Pure-FTPd')]),
    S('rsync', 'rsync', 'rsync --daemon --no-detach --port=@port@ '
      '--config=@dir@/conf',
      [('tcp/873', 'rsync', '~rsync')], ci=True,
      files={'conf': 'use chroot = no\n[things]\npath = @dir@\n'
             'comment = things\n'}),
    S('tftpd', 'tftpd-hpa', 'in.tftpd -L -s -u tftp -a :@port@ @dir@',
      [('udp/69', 'tftp', '~tftpd')], root=True, ci=True),
    S('git', 'git', 'git daemon --base-path=@dir@ --port=@port@ --export-all '
      '--reuseaddr', [('tcp/9418', 'git', '~git')], ci=True,
      before=['git init -q --bare thing.git']),
    S('svnserve', 'subversion', 'svnserve -d --foreground --listen-port @port@ '
      '-r @dir@', [('tcp/3690', 'svn', '~svnserve|Subversion')]),
    S('cvs', 'cvs', INETD + 'cvs -f --allow-root=@dir@/root pserver',
      [('tcp/2401', 'cvspserver', '~cvs')], before=['cvs -d @dir@/root init']),
    S('nbd', 'nbd-server', 'nbd-server -C @dir@/conf -p @dir@/pid',
      [('tcp/10809', 'nbd', '~nbd')], forks=True,
      files={'conf': '[generic]\n[disk]\nexportname = @dir@/disk\n'},
      before=['truncate -s 1M disk']),
    S('tgt', 'tgt', 'tgtd -f --iscsi portal=127.0.0.1:@port@',
      [('tcp/3260', 'iscsi|iscsi-target', '~tgt')],
      after=['tgtadm --lld iscsi --mode target --tid 1 --op new '
             '-T iqn.2026-01.example.zoo:disk',
             'tgtadm --lld iscsi --mode target --tid 1 --op bind -I ALL']),

    # -- names, time, addresses ----------------------------------------------------
    S('named', 'bind9', 'named -g -c @dir@/conf',
      [('tcp/53', 'domain', 'BIND', FULL), ('udp/53', 'domain', 'BIND', FULL)],
      files={'conf': 'options { directory "@dir@"; pid-file "@dir@/pid"; '
             'session-keyfile "@dir@/session"; listen-on { any; }; '
             'recursion no; dnssec-validation no; };\ncontrols {};\n'}),
    S('dnsmasq', 'dnsmasq-base',
      'dnsmasq -k -C @dir@/conf -p @port@ -u root -R -h -x @dir@/pid',
      [('tcp/5300', 'domain', 'dnsmasq', FULL),
       ('udp/5300', 'domain', 'dnsmasq', FULL)], files={'conf': ''}, ci=True),
    S('unbound', 'unbound', 'unbound -d -c @dir@/conf',
      [('tcp/5301', 'domain', 'Unbound', FULL),
       ('udp/5301', 'domain', 'Unbound', FULL)], ci=True,
      files={'conf': 'server:\n interface: 127.0.0.1@@port@\n username: ""\n'
             ' chroot: ""\n pidfile: "@dir@/pid"\n use-syslog: no\n'
             'remote-control:\n control-enable: no\n'}),
    S('pdns', 'pdns-server pdns-backend-bind',
      'pdns_server --config-dir=@dir@ --daemon=no --guardian=no',
      [('tcp/5302', 'domain', 'PowerDNS', FULL),
       ('udp/5302', 'domain', 'PowerDNS', FULL)],
      files={'pdns.conf': 'launch=bind\nbind-config=@dir@/named.conf\n'
             'local-address=127.0.0.1\nlocal-port=@port@\nsocket-dir=@dir@\n',
             'named.conf': ''}),
    S('recursor', 'pdns-recursor',
      'pdns_recursor --config-dir=@dir@ --daemon=no',
      [('tcp/5304', 'domain', 'PowerDNS', FULL),
       ('udp/5304', 'domain', 'PowerDNS', FULL)],
      files={'recursor.conf': 'local-address=127.0.0.1\nlocal-port=@port@\n'
             'socket-dir=@dir@\nsetuid=\nsetgid=\n'}),
    S('nsd', 'nsd', 'nsd -d -c @dir@/conf',
      [('tcp/5303', 'domain', 'NSD', FULL), ('udp/5303', 'domain', 'NSD', FULL)],
      ci=True,
      files={'conf': 'server:\n ip-address: 127.0.0.1@@port@\n username: ""\n'
             ' zonesdir: "@dir@"\n database: ""\n pidfile: "@dir@/pid"\n'
             ' xfrdfile: "@dir@/xfrd"\n zonelistfile: "@dir@/zl"\n'
             ' xfrdir: "@dir@"\nremote-control:\n control-enable: no\n'}),
    S('knot', 'knot', 'knotd -c @dir@/conf',
      [('tcp/5305', 'domain', 'Knot', FULL),
       ('udp/5305', 'domain', 'Knot', FULL)],
      files={'conf': 'server:\n    listen: 127.0.0.1@@port@\n'
             '    rundir: @dir@\n'
             'database:\n    storage: @dir@\n'}),
    S('chrony', 'chrony', 'chronyd -d -x -f @dir@/conf -u root',
      [('udp/1123', 'ntp', '~chrony')], ci=True,
      files={'conf': 'allow\nlocal stratum 5\nport @port@\ncmdport 0\n'
             'bindcmdaddress /\npidfile @dir@/pid\n'}),
    S('ntpsec', 'ntpsec', 'ntpd -n -c @dir@/conf -I lo -p @dir@/pid',
      [('udp/123', 'ntp', 'NTPsec|ntpd', FULL)],
      files={'conf': 'fudge 127.127.1.0 stratum 5\n'}),
    S('dict', 'dictd', 'dictd -d nodetach --config @dir@/conf -p @port@ '
      '--locale C.UTF-8 --pid-file @dir@/pid',
      [('tcp/2628', 'dict', 'dictd', FULL)],
      files={'conf': 'access {\n allow *\n}\ndatabase zoo {\n data '
             '"@dir@/z.dict"\n index "@dir@/z.index"\n}\n', 'z.dict': '',
             'z.index': ''}),

    # -- web ------------------------------------------------------------------------
    S('nginx', 'nginx-light|nginx', 'nginx -c @dir@/conf -p @dir@ -e stderr',
      [('tcp/80', 'http', '^nginx', FULL), ('tcp/443', 'http|https', '^nginx',
                                            FULL)], ci=True,
      files={'conf': 'daemon off; pid @dir@/pid; events {}\n'
             'http { access_log off; server { listen 80; listen 443 ssl; '
             'root @dir@; ssl_certificate ' + TLS + '; ssl_certificate_key ' +
             KEY + '; } }\n'}),
    S('apache', 'apache2', 'apache2 -DFOREGROUND -f @dir@/conf',
      [('tcp/8081', 'http', 'Apache', FULL)],
      files={'conf': 'ServerName zoo\nListen 8081\nPidFile @dir@/pid\n'
             'DefaultRuntimeDir @dir@\nErrorLog /dev/stderr\n'
             'LoadModule mpm_event_module '
             '/usr/lib/apache2/modules/mod_mpm_event.so\n'
             'LoadModule authz_core_module '
             '/usr/lib/apache2/modules/mod_authz_core.so\n'
             'DocumentRoot @dir@\nUser nobody\nGroup nogroup\n'}),
    S('lighttpd', 'lighttpd', 'lighttpd -D -f @dir@/conf',
      [('tcp/8082', 'http', 'lighttpd', FULL)], ci=True,
      files={'conf': 'server.port = 8082\nserver.document-root = "@dir@"\n'}),
    S('pyhttp', 'python3', 'python3 -m http.server 8084 -d @dir@',
      [('tcp/8084', 'http', 'SimpleHTTP|http.server', '0.6')], ci=True),
    S('node', 'nodejs', 'node @dir@/server.js',
      [('tcp/8085', 'http', '~Node')],
      files={'server.js': 'require("http").createServer((q, a) => '
             'a.end("hello")).listen(8085);\n'}),
    S('haproxy', 'haproxy', 'haproxy -db -f @dir@/conf',
      [('tcp/8404', 'http', 'HAProxy')], ci=True,
      files={'conf': 'defaults\n mode http\n timeout client 9s\n'
             ' timeout server 9s\n timeout connect 9s\nfrontend f\n'
             ' bind 127.0.0.1:@port@\n stats enable\n stats uri /\n'}),
    S('varnish', 'varnish', 'varnishd -F -a 127.0.0.1:@port@ -b 127.0.0.1:80 '
      '-n @dir@/v -s malloc,16m -T 127.0.0.1:6082',
      [('tcp/6081', 'http|http-proxy', 'Varnish|nginx'),
       ('tcp/6082', 'varnish-cli', 'Varnish')]),
    S('tinyproxy', 'tinyproxy|tinyproxy-bin', 'tinyproxy -d -c @dir@/conf',
      [('tcp/8888', 'http-proxy', 'tinyproxy', FULL)], ci=True,
      files={'conf': 'Port @port@\nListen 127.0.0.1\nTimeout 60\n'
             'PidFile "@dir@/pid"\n'}),
    S('squid', 'squid', 'squid -N -f @dir@/conf',
      [('tcp/3128', 'http-proxy', 'Squid', FULL)],
      files={'conf': 'http_port 3128\npid_filename @dir@/pid\n'
             'access_log none\ncache_log @dir@/cache.log\n'
             'visible_hostname zoo\ncache_effective_user proxy\n'},
      before=['chown proxy .']),
    S('privoxy', 'privoxy', 'privoxy --no-daemon @dir@/conf',
      [('tcp/8118', 'http-proxy|http', 'Privoxy')],
      files={'conf': 'confdir /etc/privoxy\nlogdir @dir@\n'
             'listen-address 127.0.0.1:@port@\n'}),
    S('gunicorn', 'gunicorn', 'gunicorn -b 127.0.0.1:@port@ app:app',
      [('tcp/8001', 'http', 'gunicorn')],
      files={'app.py': 'def app(env, start):\n'
             '    start("200 OK", [])\n    return [b"hello"]\n'}),
    S('phpfpm', 'php8.2-fpm', 'php-fpm8.2 -F -y @dir@/conf',
      [('tcp/9000', 'fastcgi', '~PHP')],
      files={'conf': '[global]\nerror_log = /dev/stderr\n[www]\n'
             'listen = 127.0.0.1:@port@\nuser = nobody\ngroup = nogroup\n'
             'pm = static\npm.max_children = 2\n'}),
    S('phpcli', 'php8.2-cli', 'php8.2 -S 127.0.0.1:@port@ -t @dir@',
      [('tcp/8002', 'http', 'PHP', FULL)],
      files={'index.php': '<?php echo "hello";\n'}),
    S('node_exporter', 'prometheus-node-exporter',
      'prometheus-node-exporter --web.listen-address=127.0.0.1:@port@ '
      '--no-collector.systemd', [('tcp/9100', 'http', 'Node Exporter')]),
    S('prometheus', 'prometheus', 'prometheus --config.file=@dir@/conf '
      '--storage.tsdb.path=@dir@/data --web.listen-address=127.0.0.1:@port@',
      [('tcp/9090', 'http', 'Prometheus')], files={'conf': ''}),
    S('etcd', 'etcd-server', 'etcd --data-dir @dir@/data --listen-client-urls '
      'http://127.0.0.1:@port@ --advertise-client-urls http://127.0.0.1:@port@ '
      '--listen-peer-urls http://127.0.0.1:2380',
      [('tcp/2379', 'etcd-client|http', 'etcd', FULL)]),
    S('cups', 'cups-daemon', 'cupsd -f -c @dir@/cupsd.conf -s @dir@/files.conf',
      [('tcp/631', 'ipp', 'CUPS', 2)],
      files={'cupsd.conf': 'Listen 127.0.0.1:631\nWebInterface Yes\n'
             'LogLevel error\n',
             'files.conf': 'ServerRoot @dir@/r\nStateDir @dir@/s\n'
             'CacheDir @dir@/c\nRequestRoot @dir@/q\nTempDir @dir@/q/tmp\n'
             'ErrorLog stderr\nAccessLog @dir@/access\n'},
      before=['mkdir -p r s c q/tmp']),

    # -- mail ------------------------------------------------------------------------
    S('postfix', 'postfix', 'postfix start-fg',
      [('tcp/25', 'smtp', 'Postfix'), ('tcp/465', 'smtp|smtps|submissions',
                                       'Postfix'),
       ('tcp/587', 'smtp|submission', 'Postfix')],
      before=['[ -e /etc/postfix/main.cf ] || '
              'cp /usr/share/postfix/main.cf.debian /etc/postfix/main.cf',
              '[ -e /etc/postfix/master.cf ] || '
              'cp /usr/share/postfix/master.cf.dist /etc/postfix/master.cf',
              'postconf -e myhostname=zoo.example maillog_file=/dev/stdout '
              'inet_protocols=ipv4 smtpd_peername_lookup=no '
              'smtpd_tls_cert_file=' + TLS + ' smtpd_tls_key_file=' + KEY,
              'postconf -M submission/inet="submission inet n - n - - smtpd" '
              'smtps/inet="465 inet n - n - - smtpd -o '
              'smtpd_tls_wrappermode=yes"']),
    S('dovecot', 'dovecot-core dovecot-imapd dovecot-pop3d',
      'dovecot -F -c @dir@/conf',
      [('tcp/110', 'pop3', 'Dovecot'), ('tcp/995', 'pop3|pop3s', 'Dovecot'),
       ('tcp/143', 'imap', 'Dovecot'), ('tcp/993', 'imap|imaps', 'Dovecot')],
      ci=True,
      files={'conf': 'protocols = imap pop3\nssl = yes\nssl_cert = <' + TLS +
             '\nssl_key = <' + KEY + '\nbase_dir = @dir@/run\n'
             'state_dir = @dir@/run\nlog_path = /dev/stderr\n'
             'mail_location = mbox:~/mail\ndefault_internal_user = nobody\n'
             'default_internal_group = nogroup\ndefault_login_user = daemon\n'
             'passdb {\n driver = static\n args = password=x\n}\n'
             'userdb {\n driver = static\n args = uid=65534 gid=65534 '
             'home=/nonexistent\n}\n'}),
    S('clamd', 'clamav-daemon', 'clamd -F -c @dir@/conf',
      [('tcp/3310', 'clamd|clamav', 'ClamAV', FULL)],
      files={'conf': 'TCPSocket 3310\nTCPAddr 127.0.0.1\nForeground yes\n'
             'DatabaseDirectory @dir@/db\nUser root\n',
             'db/x.ndb': 'Zoo.Test:0:*:7a6f6f2d746573742d7369676e6174757265\n'}),

    # -- directories, identities --------------------------------------------------------
    S('slapd', 'slapd', 'slapd -d 0 -f @dir@/conf -h "ldap://127.0.0.1:389 '
      'ldaps://127.0.0.1:636"',
      [('tcp/389', 'ldap', 'OpenLDAP'), ('tcp/636', 'ldap|ldaps', 'OpenLDAP')],
      files={'conf': 'include /etc/ldap/schema/core.schema\n'
             'modulepath /usr/lib/ldap\nmoduleload back_mdb\n'
             'TLSCertificateFile ' + TLS + '\nTLSCertificateKeyFile ' + KEY +
             '\npidfile @dir@/pid\ndatabase mdb\nsuffix "dc=zoo"\n'
             'directory @dir@/db\n'}, before=['mkdir db']),
    S('krb5', 'krb5-kdc', 'krb5kdc -n',
      [('tcp/88', 'kerberos|kerberos-sec', '~Kerberos'),
       ('udp/88', 'kerberos|kerberos-sec', '~Kerberos')],
      files={'krb5.conf': '[libdefaults]\n default_realm = ZOO\n'
             '[realms]\n ZOO = {\n kdc = 127.0.0.1\n }\n',
             'kdc.conf': '[kdcdefaults]\n kdc_listen = 88\n '
             'kdc_tcp_listen = 88\n[realms]\n ZOO = {\n'
             ' database_name = @dir@/principal\n key_stash_file = @dir@/stash\n'
             ' acl_file = @dir@/acl\n }\n'},
      env={'KRB5_CONFIG': '@dir@/krb5.conf',
           'KRB5_KDC_PROFILE': '@dir@/kdc.conf'},
      before=['kdb5_util -r ZOO create -s -P zoo']),
    S('oidentd', 'oidentd', 'oidentd -i -C @dir@/conf -p @port@ -u 0 -g 0',
      [('tcp/113', 'ident|auth', '~oidentd')], files={'conf': ''}),
    S('efingerd', 'efingerd', INETD + '/usr/sbin/efingerd',
      [('tcp/79', 'finger', '~efingerd')]),
    S('radius', 'freeradius', 'freeradius -f -l stdout -d @dir@',
      [('udp/1812', 'radius', '~FreeRADIUS'),
       ('udp/1813', 'radacct|radius-acct|radius', '~FreeRADIUS')],
      files={'radiusd.conf': 'name = radiusd\nlogdir = @dir@\nraddbdir = @dir@\n'
             'run_dir = @dir@\ndb_dir = @dir@\nlibdir = /usr/lib/freeradius\n'
             'pidfile = @dir@/pid\nclient zoo {\n ipaddr = 127.0.0.1\n'
             ' secret = zoo\n}\nmodules {\n always ok {\n  rcode = ok\n }\n}\n'
             'server default {\n listen {\n  type = auth\n  ipaddr = 127.0.0.1'
             '\n  port = 1812\n }\n listen {\n  type = acct\n  ipaddr = '
             '127.0.0.1\n  port = 1813\n }\n authorize {\n  ok\n }\n'
             ' accounting {\n  ok\n }\n}\n'}),

    # -- databases, queues -----------------------------------------------------------------
    S('mariadb', 'mariadb-server', 'mariadbd --no-defaults --user=mysql '
      '--datadir=@dir@/data --socket=@dir@/s --port=@port@ '
      '--bind-address=127.0.0.1 --pid-file=@dir@/pid',
      [('tcp/3306', 'mysql', 'MariaDB', FULL)],
      before=['mkdir data; chown mysql . data',
              'mysql_install_db --no-defaults --user=mysql --datadir=@dir@/data '
              '--auth-root-authentication-method=normal --skip-test-db']),
    S('postgres', 'postgresql-15', '/usr/lib/postgresql/15/bin/postgres '
      '-D @dir@/data -p @port@ -k @dir@',
      [('tcp/5432', 'postgresql', 'PostgreSQL')], user='postgres',
      before=['setpriv --reuid=postgres --regid=postgres --init-groups '
              '/usr/lib/postgresql/15/bin/initdb -D data -A scram-sha-256 '
              '--pwfile=/dev/null -N || setpriv --reuid=postgres '
              '--regid=postgres --init-groups '
              '/usr/lib/postgresql/15/bin/initdb -D data -N']),
    S('pgbouncer', 'pgbouncer', 'pgbouncer @dir@/conf',
      [('tcp/6432', 'postgresql', 'PgBouncer|PostgreSQL')],
      files={'conf': '[databases]\nzoo = host=127.0.0.1\n[pgbouncer]\n'
             'listen_addr = 127.0.0.1\nlisten_port = 6432\n'
             'auth_type = trust\nauth_file = @dir@/users\n'
             'unix_socket_dir =\nuser = nobody\n',
             'users': '"a" "b"\n'}),
    S('redis', 'redis-server', 'redis-server --port @port@ --dir @dir@',
      [('tcp/6379', 'redis', 'Redis', FULL)], ci=True),
    S('memcached', 'memcached', 'memcached -u nobody -p @port@ -U @port@',
      [('tcp/11211', 'memcached|memcache', 'Memcached', FULL),
       ('udp/11211', 'memcached|memcache', 'Memcached', FULL)], ci=True),
    S('mosquitto', 'mosquitto', 'mosquitto -c @dir@/conf',
      [('tcp/1883', 'mqtt', 'mosquitto', FULL)], ci=True,
      files={'conf': 'listener 1883 127.0.0.1\nallow_anonymous true\n'}),
    S('rabbitmq', 'rabbitmq-server', '/usr/lib/rabbitmq/bin/rabbitmq-server',
      [('tcp/5672', 'amqp', 'RabbitMQ', FULL)], user='rabbitmq',
      env={'RABBITMQ_MNESIA_BASE': '@dir@/m', 'RABBITMQ_LOGS': '-',
           'RABBITMQ_NODENAME': 'rabbit@localhost', 'RABBITMQ_PID_FILE':
           '@dir@/pid', 'RABBITMQ_ENABLED_PLUGINS_FILE': '@dir@/plugins',
           'RABBITMQ_CONFIG_FILE': '@dir@/rabbit', 'RABBITMQ_NODE_IP_ADDRESS':
           '127.0.0.1'}, files={'plugins': '[].\n'}),
    S('epmd', 'erlang-base', 'epmd -port @port@',
      [('tcp/4369', 'epmd', 'Erlang|epmd')]),
    S('beanstalkd', 'beanstalkd', 'beanstalkd -p @port@',
      [('tcp/11300', 'beanstalk|beanstalkd', 'beanstalkd', FULL)], ci=True),
    S('nats', 'nats-server', 'nats-server -a 127.0.0.1 -p @port@',
      [('tcp/4222', 'nats', 'NATS', FULL)]),
    S('gearman', 'gearman-job-server', 'gearmand -l stderr -p @port@',
      [('tcp/4730', 'gearman', 'Gearman', FULL)]),

    # -- screens -----------------------------------------------------------------------------
    S('tigervnc', 'tigervnc-standalone-server', 'Xtigervnc :7 -rfbport @port@ '
      '-SecurityTypes None -nolisten unix', [('tcp/5900', 'vnc|rfb', '~VNC')]),
    S('xvfb', 'xvfb', 'Xvfb :1 -listen tcp -ac -nolisten unix',
      [('tcp/6001', 'x11', 'X.Org')]),
    S('xrdp', 'xrdp', 'xrdp -n -c @dir@/xrdp.ini',
      [('tcp/3389', 'ms-wbt-server|rdp', '~xrdp')],
      before=['sed "s,^certificate=.*,certificate=' + TLS + ',;s,^key_file=.*,'
              'key_file=' + KEY + '," /etc/xrdp/xrdp.ini >xrdp.ini']),

    # -- talk ------------------------------------------------------------------------------------
    S('ngircd', 'ngircd', 'ngircd -n -f @dir@/conf',
      [('tcp/6667', 'irc', 'ngIRCd', FULL)], ci=True,
      files={'conf': '[Global]\nName = zoo.example\nAdminInfo1 = zoo\n'
             'Info = zoo\nPorts = 6667\nListen = 127.0.0.1\n'
             'ServerUID = nobody\nServerGID = nogroup\n'
             '[Options]\nDNS = no\nIdent = no\nPAM = no\n'}),
    S('bitlbee', 'bitlbee-libpurple|bitlbee', 'bitlbee -D -n -p @port@ -i '
      '127.0.0.1 -c @dir@/conf -d @dir@', [('tcp/6669', 'irc', 'BitlBee', None)],
      files={'conf': '[settings]\n'}),
    S('prosody', 'prosody', 'prosody --config @dir@/conf.cfg.lua -F',
      [('tcp/5222', 'xmpp-client', 'Prosody'), ('tcp/5269', 'xmpp-server',
                                                'Prosody')],
      user='prosody',
      files={'conf.cfg.lua': 'data_path = "@dir@"\npidfile = "@dir@/pid"\n'
             'log = "*console"\nmodules_enabled = { "saslauth"; "tls"; '
             '"dialback"; "disco"; "version" }\n'
             'VirtualHost "localhost"\nVirtualHost "zoo.example"\n'}),
    S('kamailio', 'kamailio', 'kamailio -DD -E -f @dir@/conf -m 32 -M 8',
      [('tcp/5060', 'sip', 'Kamailio', FULL), ('udp/5060', 'sip', 'Kamailio',
                                               FULL)],
      files={'conf': 'children=1\nlisten=udp:127.0.0.1:5060\n'
             'listen=tcp:127.0.0.1:5060\nloadmodule "sl.so"\n'
             'loadmodule "pv.so"\n'
             'request_route {\n sl_send_reply("200", "OK");\n exit;\n}\n'}),
    S('mumble', 'mumble-server', 'murmurd -fg -ini @dir@/conf',
      [('tcp/64738', 'mumble', 'Mumble|Murmur'), ('udp/64738', 'mumble',
                                                  'Mumble|Murmur', None)],
      files={'conf': 'database=@dir@/db\nlogfile=\nhost=127.0.0.1\n'},
      before=['chown mumble-server .']),
    S('coturn', 'coturn', 'turnserver -c @dir@/conf',
      [('tcp/3478', 'stun|turn', 'Coturn', FULL), ('udp/3478', 'stun|turn',
                                                   'Coturn', FULL)],
      files={'conf': 'listening-ip=127.0.0.1\nrelay-ip=127.0.0.1\nno-cli\n'
             'no-tls\nno-dtls\nlog-file=stdout\npidfile=@dir@/pid\n'
             'allow-loopback-peers\nuserdb=@dir@/db\nlt-cred-mech\n'
             'user=a:b\nrealm=zoo\n'}),
    S('icecast', 'icecast2', 'icecast2 -c @dir@/conf',
      [('tcp/8010', 'http', 'Icecast', FULL)], user='icecast2',
      group='icecast',
      files={'conf': '<icecast><hostname>zoo</hostname><listen-socket><port>'
             '8010</port></listen-socket><paths><basedir>/usr/share/icecast2'
             '</basedir><logdir>@dir@</logdir><webroot>'
             '/usr/share/icecast2/web</webroot></paths><authentication>'
             '<source-password>a</source-password><admin-user>a</admin-user>'
             '<admin-password>b</admin-password></authentication>'
             '<logging><accesslog>a</accesslog><errorlog>e</errorlog></logging>'
             '</icecast>'}),
    S('mpd', 'mpd', 'mpd --no-daemon --stderr @dir@/conf',
      [('tcp/6600', 'mpd', 'Music Player Daemon', None)],
      files={'conf': 'bind_to_address "127.0.0.1"\nport "6600"\n'
             'pid_file "@dir@/pid"\nstate_file "@dir@/state"\n'}),

    # -- the network's own -------------------------------------------------------------------------
    S('snmpd', 'snmpd', 'snmpd -f -C -c @dir@/conf -Lo udp:127.0.0.1:161',
      [('udp/161', 'snmp', 'net-snmp')], ci=True,
      files={'conf': 'rocommunity public 127.0.0.1\n'}),
    S('rsyslog', 'rsyslog', 'rsyslogd -n -f @dir@/conf -i @dir@/pid',
      [('udp/514', 'syslog', '~rsyslog')],
      files={'conf': 'module(load="imudp")\ninput(type="imudp" port="514")\n'
             '*.* @dir@/out\n'}),
    S('rpcbind', 'rpcbind', 'rpcbind -f -w -i',
      [('tcp/111', 'sunrpc|rpcbind', '~rpcbind'),
       ('udp/111', 'sunrpc|rpcbind', '~rpcbind')], ci=True),
    S('openvpn', 'openvpn', 'openvpn --config @dir@/conf --proto tcp-server '
      '--port @port@', [('tcp/1194', 'openvpn', 'OpenVPN')],
      before=['[ -c /dev/net/tun ]'],
      files={'conf': 'dev tun\nmode server\ntls-server\nca ' + TLS + '\ncert ' +
             TLS + '\nkey ' + KEY + '\ndh none\nlocal 127.0.0.1\n'
             'keepalive 10 60\n'}),
    S('openvpnu', 'openvpn', 'openvpn --config @dir@/conf --proto udp '
      '--port @port@', [('udp/1195', 'openvpn', 'OpenVPN')],
      before=['[ -c /dev/net/tun ]'],
      files={'conf': 'dev tun\nmode server\ntls-server\nca ' + TLS + '\ncert ' +
             TLS + '\nkey ' + KEY + '\ndh none\nlocal 127.0.0.1\n'
             'keepalive 10 60\n'}),
    S('pptpd', 'pptpd', 'pptpd -f -c @dir@/conf',
      [('tcp/1723', 'pptp', '~pptpd|poptop')],
      files={'conf': 'localip 10.96.0.1\nremoteip 10.96.0.2-9\n'}),
    S('dante', 'dante-server', 'danted -f @dir@/conf -p @dir@/pid',
      [('tcp/1080', 'socks|socks5', '~Dante')],
      files={'conf': 'logoutput: stderr\ninternal: 127.0.0.1 port = 1080\n'
             'external: 127.0.0.1\nclientmethod: none\nsocksmethod: none\n'
             'client pass { from: 0/0 to: 0/0 }\n'
             'socks pass { from: 0/0 to: 0/0 }\n'}),
    S('tor', 'tor', 'tor -f @dir@/conf --defaults-torrc @dir@/none',
      [('tcp/9050', 'socks|socks5|tor-socks', 'Tor')],
      files={'none': '', 'conf': 'SocksPort 9050\nDataDirectory @dir@/d\n'
             'DisableNetwork 0\n'}),
    S('munin', 'munin-node', 'munin-node --foreground --config @dir@/conf',
      [('tcp/4949', 'munin', 'Munin')],
      files={'conf': 'log_level 1\nlog_file @dir@/log\npid_file @dir@/pid\n'
             'setsid 0\nuser root\ngroup root\nhost 127.0.0.1\nport 4949\n'
             'allow ^127\\.0\\.0\\.1$\nhost_name zoo.example\n'}),
    S('zabbix', 'zabbix-agent', 'zabbix_agentd -f -c @dir@/conf',
      [('tcp/10050', 'zabbix-agent', 'Zabbix', FULL)],
      files={'conf': 'PidFile=@dir@/pid\nLogType=console\nAllowRoot=1\n'
             'Server=127.0.0.1\nListenIP=127.0.0.1\nHostname=zoo\n'}),
    S('bacula', 'bacula-fd', 'bacula-fd -f -c @dir@/conf',
      [('tcp/9102', 'bacula-fd', 'Bacula')],
      files={'conf': 'FileDaemon { Name = zoo-fd; FDport = 9102; '
             'WorkingDirectory = @dir@; Pid Directory = @dir@; }\n'
             'Director { Name = zoo-dir; Password = "x"; }\n'
             'Messages { Name = Standard; director = zoo-dir = all; }\n'}),
    S('nut', 'nut-server', '/lib/nut/upsd -F -u root', [('tcp/3493', 'nut', 'upsd')],
      env={'NUT_CONFPATH': '@dir@', 'NUT_STATEPATH': '@dir@',
           'NUT_ALTPIDPATH': '@dir@'},
      files={'ups.conf': '[zoo]\ndriver = dummy-ups\nport = zoo.dev\n',
             'upsd.conf': 'LISTEN 127.0.0.1 3493\nSTATEPATH @dir@\n',
             'upsd.users': ''}),
    S('distcc', 'distcc', 'distccd --no-detach --daemon --allow 127.0.0.1 '
      '--user nobody --log-stderr -p @port@', [('tcp/3632', 'distcc',
                                               '~distcc')]),
    S('saned', 'sane-utils', 'saned -l -u root -b 127.0.0.1 -p @port@ -e',
      [('tcp/6566', 'sane-port|sane', '~saned|SANE')]),
    S('ganesha', 'nfs-ganesha nfs-ganesha-vfs', 'ganesha.nfsd -F -L STDOUT -f '
      '@dir@/conf -p @dir@/pid', [('tcp/2049', 'nfs', '~Ganesha')],
      files={'conf': 'NFS_CORE_PARAM { Protocols = 3,4; }\n'
             'EXPORT { Export_Id = 1; Path = @dir@; Pseudo = /zoo; '
             'Access_Type = RO; FSAL { Name = VFS; } }\n'}),
    S('samba', 'samba', 'smbd -F --no-process-group -s @dir@/conf',
      [('tcp/139', 'netbios-ssn|microsoft-ds', 'Samba', None),
       ('tcp/445', 'microsoft-ds', 'Samba', None)],
      files={'conf': '[global]\nworkgroup = ZOO\nprivate dir = @dir@/p\n'
             'lock directory = @dir@/l\nstate directory = @dir@/s\n'
             'cache directory = @dir@/c\npid directory = @dir@\n'
             'ncalrpc dir = @dir@/n\nlog file = @dir@/smb.log\n'
             'map to guest = bad user\n[things]\npath = @dir@\nguest ok = yes\n'},
      before=['mkdir -p p l s c n']),
    S('nmbd', 'samba', 'nmbd -F --no-process-group -s @dir@/conf',
      [('udp/137', 'netbios-ns', '~Samba')],
      files={'conf': '[global]\nworkgroup = ZOO\nprivate dir = @dir@/p\n'
             'lock directory = @dir@/l\nstate directory = @dir@/s\n'
             'cache directory = @dir@/c\npid directory = @dir@\n'
             'log file = @dir@/nmb.log\ninterfaces = 10.97.0.1/24 lo\n'},
      before=['mkdir -p p l s c /run/samba']),
    S('avahi', 'avahi-daemon', 'avahi-daemon -f @dir@/conf --no-drop-root '
      '--no-chroot --no-rlimits', [('udp/5353', 'mdns', '~Avahi')],
      files={'conf': '[server]\nhost-name=zoo\nallow-interfaces=lo\n'
             'enable-dbus=no\n[publish]\npublish-workstation=yes\n'}),
    S('teeworlds', 'teeworlds-server', '/usr/games/teeworlds-server "sv_port '
      '8303" "sv_register 0" "bindaddr 127.0.0.1"',
      [('udp/8303', 'teeworlds', 'Teeworlds', FULL)]),
] + MORE + NPM
