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

  /** DevTools that speak as Chromium's do: to nobody but 127.0.0.1, and in its words. */
  static final String DEVTOOLS =
      """
      import base64, hashlib, http.server, json
      class Tools(http.server.BaseHTTPRequestHandler):
          protocol_version = "HTTP/1.1"
          def do_GET(self):
              host = self.headers["Host"]
              if host.split(":")[0] not in ("localhost", "127.0.0.1") or self.headers["Origin"]:
                  return self.say(500, "Host header is specified and is not an IP address or localhost.")
              if self.headers.get("Upgrade", "").lower() == "websocket":
                  known = ("/devtools/browser/5f3c-1", "/devtools/page/A1")
                  return self.talk() if self.path in known else self.say(404, "No such target")
              page = "ws://%s/devtools/page/A1" % host
              if self.path.rstrip("/") == "/json/version":
                  self.say(200, json.dumps({"webSocketDebuggerUrl": "ws://%s/devtools/browser/5f3c-1" % host}))
              elif self.path.rstrip("/") in ("/json", "/json/list"):
                  link = "https://frontend/inspector.html?ws=" + page[5:]
                  self.say(200, json.dumps([{"webSocketDebuggerUrl": page, "devtoolsFrontendUrl": link}]))
              else:
                  self.say(404, "")
          def say(self, status, text):
              body = text.encode()
              self.send_response(status)
              self.send_header("Content-Length", str(len(body)))
              self.end_headers()
              self.wfile.write(body)
              self.close_connection = False
          def talk(self):
              key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
              self.send_response(101)
              self.send_header("Upgrade", "websocket")
              self.send_header("Connection", "Upgrade")
              self.send_header("Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key.encode()).digest()).decode())
              self.end_headers()
              self.close_connection = True
              while True:
                  head = self.rfile.read(2)
                  if len(head) < 2 or head[0] & 15 == 8:
                      return
                  mask, text = self.rfile.read(4), self.rfile.read(head[1] & 127)
                  answer = b"echo " + bytes(b ^ mask[i % 4] for i, b in enumerate(text))
                  self.wfile.write(bytes([129, len(answer)]) + answer)
          def log_message(self, *args):
              pass
      http.server.ThreadingHTTPServer(("127.0.0.1", 9222), Tools).serve_forever()
      """;

  private Samples() {}
}
