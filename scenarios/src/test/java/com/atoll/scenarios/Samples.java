package com.atoll.scenarios;

/** Programs that the scenarios run inside. */
final class Samples {
  /** A threaded web server: {@code serve.py PORT WORD}. */
  static final String SERVER =
      """
      import http.server, sys
      class Hello(http.server.BaseHTTPRequestHandler):
          protocol_version = "HTTP/1.1"
          def do_GET(self):
              body = sys.argv[2].encode()
              self.send_response(200)
              self.send_header("Content-Type", "text/plain")
              self.send_header("Content-Length", str(len(body)))
              self.end_headers()
              self.wfile.write(body)
          def log_message(self, *args):
              pass
      class Server(http.server.ThreadingHTTPServer):
          daemon_threads = True
          request_queue_size = 512
      Server(("0.0.0.0", int(sys.argv[1])), Hello).serve_forever()
      """;

  /** A public key whose private half nobody has. */
  static final String SSH_KEY =
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE2SKi7MLq7AgsJ75ZpXGb4tynNCuKHNWIJ3lG6IYJFK walk";

  /** The smallest FastAPI application. */
  static final String FASTAPI =
      """
      from fastapi import FastAPI
      app = FastAPI()
      @app.get('/')
      def root():
          return {'hello': 'fastapi'}
      """;

  private Samples() {}
}
