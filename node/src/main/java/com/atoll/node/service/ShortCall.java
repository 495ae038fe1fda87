package com.atoll.node.service;

import com.google.protobuf.MessageLite;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.util.function.Function;

/** A call with one request and one reply, whatever carries them. */
record ShortCall<Q, A>(MethodDescriptor<Q, A> method, Function<Q, A> work) {
  /**
   * Does it.
   *
   * @param request the message as it came
   * @throws io.grpc.StatusRuntimeException when it is no such message
   */
  MessageLite answer(byte[] request, int offset, int length) {
    return (MessageLite)
        work.apply(method.parseRequest(new ByteArrayInputStream(request, offset, length)));
  }
}
