package com.atoll.server.outbound;

import java.util.Map;
import java.util.function.Predicate;

/**
 * A request to a server of somebody else.
 *
 * @param method the method of HTTP
 * @param headers its headers; Host and Content-Length are not among them
 * @param body its body, empty for none
 * @param kept how many bytes of the answer's body are read at most
 * @param enough whether this beginning of the answer is enough: for answers that are streams
 */
@SuppressWarnings("ArrayRecordComponent")
public record Ask(
    String method,
    String url,
    Map<String, String> headers,
    byte[] body,
    int kept,
    Predicate<String> enough) {}
