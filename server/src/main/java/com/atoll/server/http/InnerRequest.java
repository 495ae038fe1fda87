package com.atoll.server.http;

import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/** A request that another one makes: its own line, headers and body on the connection of that. */
final class InnerRequest extends Request.Wrapper {
  private final String method;
  private final HttpURI uri;
  private final HttpFields headers;
  private final byte[] body;
  private final @Nullable Object given;

  InnerRequest(
      Request outer,
      String method,
      HttpURI uri,
      HttpFields headers,
      byte[] body,
      @Nullable Object given) {
    super(outer);
    this.method = method;
    this.uri = uri;
    this.headers = headers;
    this.body = body;
    this.given = given;
  }

  /** What is said besides the request is for this one alone, not for those that it makes. */
  @Override
  public @Nullable Object getAttribute(String name) {
    return name.equals(InnerCalls.GIVEN) ? given : super.getAttribute(name);
  }

  @Override
  public String getMethod() {
    return method;
  }

  @Override
  public HttpURI getHttpURI() {
    return uri;
  }

  @Override
  public HttpFields getHeaders() {
    return headers;
  }

  @Override
  public long getLength() {
    return body.length;
  }

  @Override
  public Content.Chunk read() {
    return Content.Chunk.from(ByteBuffer.wrap(body), true);
  }

  @Override
  public void demand(Runnable action) {
    action.run();
  }
}
