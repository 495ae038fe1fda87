package com.atoll.edge.egress;

import com.atoll.edge.routes.Route;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import org.jspecify.annotations.Nullable;

/** One request of a sandbox on its way, and how far it has come. */
final class HttpCall {
  private static final int MOST_DISCARDED = 1 << 20;

  private final HttpRequest request;
  private Audit.Call told;
  private final boolean keepAlive;
  private Verdict verdict = new Verdict(Verdict.Kind.DENY, "");
  private String host;
  private @Nullable Refusal excused;
  private String secretId = "";
  private Route.@Nullable Egress under;
  private long wentAtMs;
  private boolean sent;
  private boolean reused;
  private boolean refused;
  private boolean answered;
  private boolean interim;
  private boolean bounded;
  private boolean switched;
  private boolean complete;
  private boolean closeAfter;
  private long discarded;

  /** {@code told} is what is written down of it. */
  HttpCall(HttpRequest request, Audit.Call told) {
    this.request = request;
    this.told = told;
    this.host = told.host();
    this.keepAlive = HttpUtil.isKeepAlive(request);
  }

  HttpRequest request() {
    return request;
  }

  Audit.Call told() {
    return told;
  }

  /** Where it goes. */
  String host() {
    return host;
  }

  /** It goes there although it would be refused for this, because the policy only watches. */
  void excused(String there, Refusal reason) {
    host = there;
    excused = reason;
    if (told.host().isEmpty()) {
      told = new Audit.Call(told.protocol(), there, told.method(), told.path());
    }
  }

  /** What it would have been refused for; null when nothing was wrong with its form. */
  @Nullable Refusal excuse() {
    return excused;
  }

  Verdict verdict() {
    return verdict;
  }

  void decided(Verdict decided) {
    verdict = decided;
  }

  /** It goes with this secret. */
  void carries(String secret) {
    secretId = secret;
  }

  /** The secret that it goes with; empty for none. */
  String secretId() {
    return secretId;
  }

  /** It leaves for its host, by this policy. */
  void goes(Route.Egress policy) {
    under = policy;
    wentAtMs = System.currentTimeMillis();
  }

  /** The policy by which it left for its host; null before. */
  Route.@Nullable Egress under() {
    return under;
  }

  /** The policy by which it has reached a host that did not answer; null of any other call. */
  Route.@Nullable Egress unanswered() {
    return answered || refused ? null : under;
  }

  /** When it left for its host. */
  long wentAtMs() {
    return wentAtMs;
  }

  /** Whether the client keeps the connection. */
  boolean isKeepAlive() {
    return keepAlive;
  }

  /** Whether all of it has been read. */
  boolean isSent() {
    return sent;
  }

  void read(boolean last) {
    sent |= last;
  }

  /** Counts a part that nobody gets; false when it is too much. Of a refused one time is short. */
  boolean mayDiscard(int bytes) {
    discarded += bytes;
    return refused || discarded <= MOST_DISCARDED;
  }

  /** It goes over a connection that another request has used. */
  void reuses() {
    reused = true;
  }

  /** The host was not reached on a connection of its own, so that it may be told to the client. */
  boolean mayBeExplained() {
    return !answered && !reused;
  }

  boolean isRefused() {
    return refused;
  }

  /** It is answered by us, wholly. */
  void refuse() {
    refused = true;
    complete = true;
  }

  /** Whether an answer ends HTTP on its connection. */
  static boolean isSwitch(HttpResponse response) {
    return response.status().code() == 101;
  }

  /** The head of an answer; whether it is the last one. */
  boolean answers(HttpResponse response) {
    int status = response.status().code();
    switched = isSwitch(response);
    interim = status < 200 && !switched;
    if (interim) {
      return false;
    }
    answered = true;
    bounded =
        HttpUtil.isTransferEncodingChunked(response)
            || HttpUtil.isContentLengthSet(response)
            || status == 204
            || status == 304
            || request.method().equals(HttpMethod.HEAD);
    closeAfter = !bounded || !HttpUtil.isKeepAlive(response) || !keepAlive;
    return true;
  }

  /** Whether nothing but the end of its connection says that its answer is whole. */
  boolean isEndedByConnection() {
    return answered && !bounded && !switched;
  }

  /** What ends now is no more than an answer before the answer. */
  boolean isInterim() {
    return interim;
  }

  /** Both sides speak another protocol from here on. */
  boolean isSwitched() {
    return answered && switched;
  }

  /** Its answer is with the client. */
  void complete() {
    complete = true;
  }

  boolean isComplete() {
    return complete;
  }

  /** An answer that came before the end of the request leaves nothing to go on with. */
  boolean endsConnection() {
    return !sent || (closeAfter && !refused) || (refused && !keepAlive);
  }
}
