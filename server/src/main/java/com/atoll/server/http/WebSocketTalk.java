package com.atoll.server.http;

/** A conversation over a WebSocket, blocking, on a thread of its own. */
@FunctionalInterface
public interface WebSocketTalk {
  /** Talks until one side has had enough; returning closes the socket. */
  void talk(WebSocket socket) throws Exception;
}
