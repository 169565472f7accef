package anycast.load.bench;

/// The configuration of the programs that are measured beside this one, and of the app that all
/// chains end in.
///
/// Equal for all: TLS 1.3, the same P-256 certificates, mTLS between the hops, keep-alive pools, no
/// access log, the same number of threads. What a chain would never hit in production is out of the
/// way: limits on requests a connection.
final class PeerConfigs {
  private PeerConfigs() {}

  /// Where the parts of one chain listen.
  record Ports(int edge, int worker, int app, int uploadApp) {}

  /// @param user what nginx's workers run as when its master is root: the run directory is for its
  ///   owner only
  static String nginxApp(int port, String root, String user) {
    return nginxHead(1, user, "app")
        + """
        http {
          access_log off;
          keepalive_timeout 3600s;
          keepalive_requests 1000000000;
          sendfile on;
          tcp_nopush on;
          server {
            listen 127.0.0.1:%d backlog=1024;
            default_type text/plain;
            location = /small { return 200 "%s"; }
            location = /check { return 200 "ok"; }
            location = /large { alias %s/large.bin; }
          }
        }
        """
            .formatted(port, "0123456789".repeat(10), root);
  }

  static String nginxEdge(Ports ports, int threads, String user) {
    return nginxHead(threads, user, "edge")
        + """
        http {
          access_log off;
          keepalive_timeout 3600s;
          keepalive_requests 1000000000;
          client_max_body_size 0;
          upstream worker {
            server 127.0.0.1:%d;
            keepalive 256;
            keepalive_requests 1000000000;
            keepalive_timeout 3600s;
          }
          server {
            listen 127.0.0.1:%d ssl http2 backlog=1024;
            ssl_certificate public.pem;
            ssl_certificate_key public.key;
            ssl_protocols TLSv1.3;
            ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;
            location / {
              proxy_pass https://worker;
              proxy_http_version 1.1;
              proxy_set_header Connection "";
              proxy_set_header Host $host;
              proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
              proxy_request_buffering off;
              proxy_max_temp_file_size 0;
              proxy_ssl_protocols TLSv1.3;
              proxy_ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;
              proxy_ssl_certificate link-client.pem;
              proxy_ssl_certificate_key link-client.key;
              proxy_ssl_trusted_certificate link-ca/ca.pem;
              proxy_ssl_verify on;
              proxy_ssl_name worker.bench;
              proxy_ssl_server_name on;
            }
          }
        }
        """
            .formatted(ports.worker(), ports.edge());
  }

  static String nginxWorker(Ports ports, int threads, String user) {
    return nginxHead(threads, user, "worker")
        + """
        http {
          access_log off;
          keepalive_timeout 3600s;
          keepalive_requests 1000000000;
          client_max_body_size 0;
          upstream app { server 127.0.0.1:%d; keepalive 256; keepalive_requests 1000000000; keepalive_timeout 3600s; }
          upstream upload { server 127.0.0.1:%d; keepalive 256; keepalive_requests 1000000000; }
          proxy_http_version 1.1;
          proxy_set_header Connection "";
          proxy_set_header Host $host;
          proxy_request_buffering off;
          proxy_max_temp_file_size 0;
          server {
            listen 127.0.0.1:%d ssl backlog=1024;
            ssl_certificate link-server.pem;
            ssl_certificate_key link-server.key;
            ssl_client_certificate link-ca/ca.pem;
            ssl_verify_client on;
            ssl_protocols TLSv1.3;
            ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;
            location / { proxy_pass http://app; }
            location /upload { proxy_pass http://upload; }
            location = /check {
              add_header x-hop "$server_protocol $ssl_client_verify";
              proxy_pass http://app;
            }
          }
        }
        """
            .formatted(ports.app(), ports.uploadApp(), ports.worker());
  }

  private static String nginxHead(int workers, String user, String role) {
    return """
    %s
    worker_processes %d;
    daemon off;
    pid nginx-%s.pid;
    error_log stderr warn;
    events { worker_connections 4096; }
    """
        .formatted(user.isEmpty() ? "" : "user " + user + ";", workers, role);
  }

  static String haproxyEdge(Ports ports, int threads) {
    return haproxyHead(threads)
        + """
        frontend edge
          bind 127.0.0.1:%d ssl crt public-both.pem alpn h2,http/1.1
          option forwardfor
          default_backend worker
        backend worker
          server w 127.0.0.1:%d ssl crt link-client-both.pem ca-file link-ca/ca.pem verify required verifyhost worker.bench alpn h2
        """
            .formatted(ports.edge(), ports.worker());
  }

  static String haproxyWorker(Ports ports, int threads) {
    return haproxyHead(threads)
        + """
        frontend worker
          bind 127.0.0.1:%d ssl crt link-server-both.pem ca-file link-ca/ca.pem verify required alpn h2
          http-request set-var(txn.check) str(yes) if { path /check }
          http-response set-header x-hop "HTTP/%%[var(txn.version)] %%[ssl_c_verify]" if { var(txn.check) -m found }
          http-request set-var(txn.version) req.ver if { path /check }
          use_backend upload if { path_beg /upload }
          default_backend app
        backend app
          server a 127.0.0.1:%d
        backend upload
          server u 127.0.0.1:%d
        """
            .formatted(ports.worker(), ports.app(), ports.uploadApp());
  }

  private static String haproxyHead(int threads) {
    return """
    global
      nbthread %d
      maxconn 4000
      ssl-default-bind-options ssl-min-ver TLSv1.3
      ssl-default-bind-ciphersuites TLS_AES_128_GCM_SHA256
      ssl-default-server-ciphersuites TLS_AES_128_GCM_SHA256
      ssl-default-server-options ssl-min-ver TLSv1.3
    defaults
      mode http
      http-reuse always
      timeout connect 5s
      timeout client 60s
      timeout server 60s
      timeout http-keep-alive 3600s
    """
        .formatted(threads);
  }
}
