package com.atoll.node.service;

import com.atoll.node.backup.Holds;
import com.atoll.node.faults.NodeFault;
import com.atoll.node.records.Standstill;
import com.atoll.node.v1.HoldReply;
import com.atoll.node.v1.HoldRequest;
import com.atoll.node.v1.HoldRequest.Step;
import com.atoll.node.v1.NodeGrpc;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Keeps the node's state for a backup while its call lives; whoever dies ends its call. */
final class BackupCalls {
  private static final long LONGEST_STANDSTILL_SECONDS = 60;

  private final Holds holds;

  BackupCalls(Holds holds) {
    this.holds = holds;
  }

  /** Answers its calls. */
  void bind(Methods methods) {
    methods.talk(NodeGrpc.getHoldMethod(), this::hold);
  }

  StreamObserver<HoldRequest> hold(StreamObserver<HoldReply> observer) {
    ServerCallStreamObserver<HoldReply> caller = (ServerCallStreamObserver<HoldReply>) observer;
    BlockingQueue<Optional<Step>> steps = new LinkedBlockingQueue<>();
    caller.setOnCancelHandler(() -> steps.add(Optional.empty()));
    Thread.ofVirtual().name("backup").start(() -> run(steps, caller));
    return new StreamObserver<>() {
      @Override
      public void onNext(HoldRequest request) {
        steps.add(Optional.of(request.getStep()));
      }

      @Override
      public void onError(Throwable gone) {
        steps.add(Optional.empty());
      }

      @Override
      public void onCompleted() {
        steps.add(Optional.empty());
      }
    };
  }

  private void run(
      BlockingQueue<Optional<Step>> steps, ServerCallStreamObserver<HoldReply> caller) {
    try (Holds.Hold hold = holds.begin()) {
      HoldReply done = HoldReply.newBuilder().setName(hold.name()).build();
      expect(Step.PREPARE, steps.take());
      hold.prepare();
      caller.onNext(done);
      expect(Step.STAND_STILL, steps.take());
      try (Standstill.End _ = hold.standStill()) {
        caller.onNext(done);
        Optional<Step> next = steps.poll(LONGEST_STANDSTILL_SECONDS, TimeUnit.SECONDS);
        if (next == null) {
          throw NodeFault.unavailable("TOO_SLOW", "the backup had the node stand still too long");
        }
        expect(Step.GO_ON, next);
      }
      caller.onNext(done);
      if (steps.take().isPresent()) {
        throw NodeFault.invalid("step: there is none after GO_ON");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    } catch (RuntimeException e) {
      fail(caller, e);
      return;
    }
    end(caller);
  }

  private static void expect(Step wanted, Optional<Step> found) {
    if (found.isEmpty()) {
      throw NodeFault.unavailable("GONE", "the backup was given up");
    }
    if (found.get() != wanted) {
      throw NodeFault.invalid("step: " + wanted + " comes next");
    }
  }

  private static void fail(ServerCallStreamObserver<HoldReply> caller, RuntimeException cause) {
    if (!caller.isCancelled()) {
      caller.onError(Answer.status(cause));
    }
  }

  private static void end(ServerCallStreamObserver<HoldReply> caller) {
    if (!caller.isCancelled()) {
      caller.onCompleted();
    }
  }
}
