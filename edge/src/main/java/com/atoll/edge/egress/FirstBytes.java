package com.atoll.edge.egress;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** What a connection begins with, and whether the proxy understands that. */
final class FirstBytes {
  private static final int MOST = Door.LINE + Door.HEADERS;
  private static final int TLS_HANDSHAKE = 22;
  private static final Pattern LINE =
      Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+ [^ ]+ HTTP/1\\.[0-9]\\r?");

  private final boolean secure;
  private final ByteBuf bytes = Unpooled.buffer();
  private boolean line;
  private int searched;

  /** What can be said of it. */
  enum Kind {
    UNDECIDED,
    /** TLS, or a request that names its host. */
    UNDERSTOOD,
    OTHER
  }

  FirstBytes(boolean secure) {
    this.secure = secure;
  }

  void add(ByteBuf more) {
    bytes.writeBytes(more);
  }

  boolean isEmpty() {
    return !bytes.isReadable();
  }

  /** All of them, for whoever goes on. */
  ByteBuf bytes() {
    return bytes;
  }

  Kind kind() {
    if (isEmpty()) {
      return Kind.UNDECIDED;
    }
    if (secure) {
      return bytes.getByte(0) == TLS_HANDSHAKE ? Kind.UNDERSTOOD : Kind.OTHER;
    }
    if (!line) {
      int end = bytes.indexOf(0, bytes.writerIndex(), (byte) '\n');
      if (end < 0) {
        return bytes.readableBytes() > Door.LINE ? Kind.OTHER : Kind.UNDECIDED;
      }
      if (!LINE.matcher(bytes.toString(0, end, StandardCharsets.ISO_8859_1)).matches()) {
        return Kind.OTHER;
      }
      line = true;
    }
    if (!endsHead()) {
      return bytes.readableBytes() > MOST ? Kind.OTHER : Kind.UNDECIDED;
    }
    return namesHost() ? Kind.UNDERSTOOD : Kind.OTHER;
  }

  /** Looks at what has not been looked at, so that a byte at a time costs no more. */
  private boolean endsHead() {
    int from = Math.max(0, searched - 3);
    searched = bytes.writerIndex();
    for (int i = from; i + 1 < searched; i++) {
      if (bytes.getByte(i) == '\n'
          && (bytes.getByte(i + 1) == '\n'
              || (i + 2 < searched
                  && bytes.getByte(i + 1) == '\r'
                  && bytes.getByte(i + 2) == '\n'))) {
        return true;
      }
    }
    return false;
  }

  private boolean namesHost() {
    EmbeddedChannel decoder = new EmbeddedChannel(new HttpRequestDecoder(Door.config()));
    try {
      decoder.writeInbound(Unpooled.wrappedBuffer(ByteBufUtil.getBytes(bytes)));
      Object first = decoder.readInbound();
      try {
        return first instanceof HttpRequest request && Requests.host(request, 80) != null;
      } finally {
        ReferenceCountUtil.release(first);
      }
    } finally {
      decoder.finishAndReleaseAll();
    }
  }
}
