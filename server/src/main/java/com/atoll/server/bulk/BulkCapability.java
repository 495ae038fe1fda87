package com.atoll.server.bulk;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.policies.NewPolicy;
import com.atoll.server.policies.PolicySetter;
import com.atoll.server.sandboxes.SandboxCrowd;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Bulk operations: a request is answered with a job, which is worked on in the background. */
public final class BulkCapability implements Capability {
  /** Room for the greatest number of ids of the greatest length. */
  private static final long BODY = 4 << 20;

  private final Jobs jobs;
  private final Targets targets;
  private final PolicySetter policies;

  /** Bulk operations over these sandboxes and policies. */
  public BulkCapability(Store store, SandboxCrowd crowd, PolicySetter policies) {
    this.policies = policies;
    jobs = new Jobs(store, crowd, policies);
    targets = new Targets(crowd);
  }

  /** Which sandboxes. */
  record BulkSandboxes(
      @Doc(value = "Ids or slugs, where no filter is given.", min = 1, max = Targets.MOST)
          @Nullable List<String> ids,
      @Doc(
              value =
                  "Filters as those of the list of sandboxes, where no ids are given: tags, state, name,"
                      + " template_id, metadata, workspace_id, project_id, external_workspace_id,"
                      + " external_user_id, external_project_id. It must mean at most 10,000.")
          @Nullable Map<String, Object> filter) {}

  /** Which policy for whom. */
  record BulkPolicy(
      @Doc("tenant, workspace or user: whose policies are set.") String tier,
      @Doc(
              value =
                  "Ids, where no filter is given: that of the organization, ids or slugs of workspaces, or"
                      + " your own ids of your customers' users.",
              min = 1,
              max = Targets.MOST)
          @Nullable List<String> ids,
      @Doc(
              "Where no ids are given. For workspaces: workspace_id, external_workspace_id,"
                  + " external_user_id. For users: filters of sandboxes; those to whom the sandboxes"
                  + " belong that match. It must mean at most 10,000.")
          @Nullable Map<String, Object> filter,
      @Doc("The policy, which takes the place of the one before.") NewPolicy policy) {}

  /** What was begun. */
  record BulkQueued(
      @Doc("How many items the job has.") int queued,
      @Doc("Id of the job, which tells what became of each.") String jobId) {}

  @Override
  public List<Operation<?, ?>> operations() {
    return List.of(
        sandboxes("pause", "Pauses many sandboxes in the background.", Action.PAUSE),
        sandboxes("resume", "Resumes many sandboxes in the background.", Action.RESUME),
        sandboxes(
            "destroy",
            "Destroys many sandboxes and their files in the background.",
            Action.DESTROY),
        declare(Operation.post("/bulk/policy/apply"), "bulk.policy.apply")
            .summary("Sets the same policy for many workspaces or users in the background.")
            .scope("organization:write")
            .ofWholeOrganization()
            .idempotency(Idempotency.KEY)
            .bodyLimit(BODY)
            .request(BulkPolicy.class)
            .response(BulkQueued.class, Envelope.FLAT_MIRROR)
            .handle(this::apply),
        job(Operation.get("/bulk/jobs/:job_id"), "bulk.jobs.get")
            .summary("Shows how far a bulk job is.")
            .response(JobView.class, Envelope.FLAT_MIRROR)
            .handle(call -> jobs.require(call.principal(), call.path("job_id")).view()),
        job(Operation.get("/bulk/jobs/:job_id/items"), "bulk.jobs.items")
            .summary("Lists what became of each item of a bulk job.")
            .list(JobItem.class)
            .handle(call -> jobs.items(call.principal(), call.path("job_id"), call.paging())));
  }

  private Operation<?, ?> sandboxes(String name, String summary, Action action) {
    return declare(Operation.post("/bulk/sandboxes/" + name), "bulk.sandboxes." + name)
        .summary(summary)
        .scope("sandboxes:write")
        .idempotency(Idempotency.KEY)
        .bodyLimit(BODY)
        .request(BulkSandboxes.class)
        .response(BulkQueued.class, Envelope.FLAT_MIRROR)
        .handle((call, body) -> start(call, targets.sandboxes(action, body.ids(), body.filter())));
  }

  private static OperationBuilder<NoBody, NoBody> declare(
      OperationBuilder<NoBody, NoBody> operation, String id) {
    return operation.id(id).priority("P4");
  }

  private static OperationBuilder<NoBody, NoBody> job(
      OperationBuilder<NoBody, NoBody> operation, String id) {
    // Which scope it takes follows from what the job does.
    return declare(operation, id)
        .anyScope()
        .delegable()
        .errors(ErrorCode.NOT_FOUND, ErrorCode.INSUFFICIENT_SCOPE);
  }

  private BulkQueued apply(Call call, BulkPolicy body) {
    call.principal().requireManager("a policy");
    if (call.principal().workspace() != null) {
      throw AtollException.of(
          ErrorCode.FORBIDDEN, "a credential of one workspace does not reach this operation");
    }
    return start(
        call,
        targets.policies(body.tier(), policies.document(body.policy()), body.ids(), body.filter()));
  }

  private BulkQueued start(Call call, Function<Tx, Job.Wish> wish) {
    Job started =
        jobs.start(
            call.principal(), wish, (tx, job) -> call.idempotentAnswer(tx, queued(job), job.id()));
    return queued(started);
  }

  private static BulkQueued queued(Job job) {
    return new BulkQueued(job.view().total(), job.id());
  }

  /** Goes on with what an earlier process of the server did not finish. */
  public void resume() {
    jobs.resume();
  }

  /** Forgets jobs that ended long ago. */
  public void sweep() {
    jobs.sweep();
  }

  @Override
  public void close() {
    jobs.close();
  }
}
