package com.atoll.server.bulk;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.model.Principal;
import com.atoll.server.http.Closing;
import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.policies.PolicySetter;
import com.atoll.server.policies.PolicySetter.Tier;
import com.atoll.server.sandboxes.SandboxCrowd;
import com.atoll.server.sandboxes.SandboxCrowd.Act;
import com.atoll.server.store.Event;
import com.atoll.server.store.SqlFaults;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Works on jobs, some items at a time. The rows say what is still to be done, so a server that
 * starts again goes on, and what is done twice changes nothing.
 */
final class Jobs {
  private static final Logger LOG = LoggerFactory.getLogger(Jobs.class);
  private static final int MOST_OPEN = 20;
  private static final int AT_ONCE_OF_A_JOB = 8;
  private static final int AT_ONCE = 32;
  private static final int RETRY_AFTER_SEC = 5;
  private static final long LONGEST_PAUSE_MS = 15_000;

  /** An item that waits for a machine or a start is tried again for about four minutes. */
  private static final int LAST_ROUND = 20;

  private final Store store;
  private final SandboxCrowd crowd;
  private final PolicySetter policies;
  private final Semaphore everywhere = new Semaphore(AT_ONCE, true);
  private final Set<String> worked = ConcurrentHashMap.newKeySet();
  private final Closing closing = new Closing();
  private volatile boolean closed;

  Jobs(Store store, SandboxCrowd crowd, PolicySetter policies) {
    this.store = store;
    this.crowd = crowd;
    this.policies = policies;
  }

  /**
   * Stores what is to be done, and begins.
   *
   * @param wish finds in the transaction of the caller what it is done to
   * @param after the rest of that transaction
   */
  Job start(Principal principal, Function<Tx, Job.Wish> wish, BiConsumer<Tx, Job> after) {
    crowd.settle();
    Job started =
        store.transaction(
            principal,
            tx -> {
              if (JobTable.open(tx) >= MOST_OPEN) {
                throw AtollException.withMessage(
                        ErrorCode.RATE_LIMIT_EXCEEDED,
                        "There are " + MOST_OPEN + " bulk jobs at work: wait for one of them.")
                    .retryAfter(RETRY_AFTER_SEC);
              }
              String id = Ids.next(Job.PREFIX);
              JobTable.insert(tx, id, principal, wish.apply(tx));
              Job stored = JobTable.find(tx, id).orElseThrow();
              after.accept(tx, stored);
              return stored;
            });
    begin(started);
    return started;
  }

  /** Goes on with what an earlier process of the server did not finish. */
  void resume() {
    store.system(JobTable::unfinished).forEach(this::begin);
  }

  void sweep() {
    store.executeSystem(JobTable::sweep);
  }

  void close() {
    closed = true;
    closing.close();
  }

  /** The job, for one who may see what it is about. */
  Job require(Principal principal, String id) {
    return store.transaction(principal, tx -> require(tx, principal, id));
  }

  Page<JobItem> items(Principal principal, String id, Paging paging) {
    return store.transaction(
        principal, tx -> JobTable.items(tx, require(tx, principal, id), paging));
  }

  private static Job require(Tx tx, Principal principal, String id) {
    Job job =
        JobTable.find(tx, id)
            // A credential for some sandboxes knows only the jobs that it began.
            .filter(it -> principal.sandboxes() == null || it.actor().equals(principal.actor()))
            .orElseThrow(() -> AtollException.of(ErrorCode.NOT_FOUND, "bulk job " + id));
    principal.requireScope(job.action().readScope());
    return job;
  }

  private void begin(Job job) {
    if (!worked.add(job.id())) {
      return;
    }
    Thread.ofVirtual()
        .name("bulk-" + job.id())
        .start(() -> {
          try {
            workToTheEnd(job);
          } catch (RuntimeException failed) {
            LOG.warn("Job {} goes on when the server starts again.", job.id(), failed);
          } finally {
            worked.remove(job.id());
          }
        });
  }

  /** What a restart of the database or of a machine cut off is tried again. */
  private void workToTheEnd(Job job) {
    for (int round = 0; !closed; round++) {
      if (closing.within(
          round == 0 ? 0 : Math.min(250L << Math.min(round, 10), LONGEST_PAUSE_MS))) {
        return;
      }
      try {
        if (work(job, round >= LAST_ROUND)) {
          return;
        }
      } catch (RuntimeException e) {
        if (!SqlFaults.isAway(e)) {
          throw e;
        }
        LOG.info("Job {} waits for the database.", job.id());
      }
    }
  }

  /** Tries what is pending; true when the job is over. */
  private boolean work(Job job, boolean last) {
    store.execute(job.org(), tx -> JobTable.begin(tx, job.id()));
    List<Job.Pending> pending = store.transaction(job.org(), tx -> JobTable.pending(tx, job.id()));
    Semaphore slots = new Semaphore(AT_ONCE_OF_A_JOB);
    for (Job.Pending item : pending) {
      slots.acquireUninterruptibly();
      if (closed) {
        slots.release();
        break;
      }
      Thread.ofVirtual()
          .start(() -> {
            everywhere.acquireUninterruptibly();
            try {
              one(job, item, last);
            } finally {
              everywhere.release();
              slots.release();
            }
          });
    }
    slots.acquireUninterruptibly(AT_ONCE_OF_A_JOB);
    return store.transaction(job.org(), tx -> finish(tx, job));
  }

  private static boolean finish(Tx tx, Job job) {
    boolean ended = JobTable.complete(tx, job.id());
    Job now = JobTable.find(tx, job.id()).orElse(null);
    if (now == null) {
      return true;
    }
    if (ended) {
      JobView view = now.view();
      tx.event(
          new Event(
              "bulk_job." + view.status(),
              "bulk_job",
              job.id(),
              2,
              null,
              null,
              null,
              job.externalUser(),
              null,
              Map.of(
                  "action", view.action(),
                  "total", view.total(),
                  "succeeded", view.succeeded(),
                  "failed", view.failed())));
    }
    return now.isOver();
  }

  private void one(Job job, Job.Pending item, boolean last) {
    try {
      if (store.transaction(job.org(), tx -> JobTable.isPending(tx, job.id(), item.number()))) {
        act(job, item);
      }
    } catch (RuntimeException failed) {
      if (!SqlFaults.isAway(failed) && (last || !passes(failed))) {
        failed(job, item, failed);
      }
    }
  }

  /** Whether trying again may help, though not without an end. */
  private static boolean passes(RuntimeException failure) {
    return failure instanceof AtollException refused
        && (refused.code() == ErrorCode.NODE_UNAVAILABLE
            || refused.code() == ErrorCode.SANDBOX_STARTING);
  }

  private void act(Job job, Job.Pending item) {
    Act act = job.action().act();
    if (act != null) {
      crowd.act(job.org(), item.subject(), act);
      store.execute(job.org(), tx -> JobTable.done(tx, job.id(), item.number()));
      return;
    }
    Tier tier = Objects.requireNonNull(job.tier());
    String subject = tier == Tier.TENANT ? "" : item.subject();
    String policy = Objects.requireNonNull(job.policy());
    store.execute(
        job.org(),
        tx -> {
          policies.set(tx, tier, subject, policy);
          JobTable.done(tx, job.id(), item.number());
        });
  }

  private void failed(Job job, Job.Pending item, RuntimeException failure) {
    if (closed) {
      // What fails because this server ends is tried by the next one.
      return;
    }
    AtollException told = AtollException.told(failure);
    if (told != failure) {
      LOG.warn("Item {} of job {} could not be done.", item.subject(), job.id(), failure);
    }
    try {
      store.execute(
          job.org(),
          tx -> JobTable.fail(tx, job.id(), item.number(), told.code().code(), told.getMessage()));
    } catch (RuntimeException e) {
      LOG.warn("That {} of job {} failed could not be stored.", item.subject(), job.id(), e);
    }
  }
}
