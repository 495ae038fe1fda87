package com.atoll.server.templates;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.Json;
import com.atoll.server.http.Operation;
import com.atoll.server.http.Page;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.store.Store;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Specifications, builds and their logs. */
final class BuildsApi {
  /** The log of a build has at most 8 MiB. */
  private static final int MOST_LINES = 8 << 20;

  private static final int USUAL_LINES = 100;

  private final OwnTemplates own;
  private final Builder builder;
  private final Store store;
  private final BuildLogs logs;
  private final BuildLogPages pages;

  BuildsApi(OwnTemplates own, Builder builder, Store store, NodeClient node) {
    this.own = own;
    this.builder = builder;
    this.store = store;
    this.logs = new BuildLogs(store, node);
    this.pages = new BuildLogPages(node);
  }

  /** A specification to check. */
  record Validate(@Doc("The specification.") Map<String, Object> buildSpec) {}

  /** A good specification. */
  record Valid(
      @Doc("Whether it is good; a wrong one is answered 422.") boolean valid,
      @Doc("With every default filled in.") Map<String, Object> buildSpec,
      @Doc("What is wrong: nothing.") List<String> errors,
      @Doc("What is not wrong but may not be meant, such as fields that nothing reads.")
          List<Warning> warnings) {}

  /** What may not be meant. */
  record Warning(
      @Doc("For programs: UNKNOWN_FIELD.") String code,
      @Doc("The field.") String field,
      @Doc("For people.") String message) {}

  /** The schema of specifications. */
  record SpecSchema(@Doc("JSON Schema.") Map<String, Object> schema) {}

  /** A build to start. */
  record StartBuild(
      @Doc("Another specification than the template has; it becomes the template's.")
          @Nullable Map<String, Object> buildSpec,
      @Doc("Free data of the caller.") @Nullable Map<String, Object> metadata,
      @Doc("Id that the build gets, made by the caller: bld_ and 26 characters, as others have.")
          @Nullable String buildId) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        Operation.get("/sandbox-templates/build-spec")
            .id("templates.build_spec")
            .summary("Shows the schema of a build specification.")
            .priority("P2")
            .scope("sandboxes:read")
            .response(SpecSchema.class, Envelope.FLAT_MIRROR)
            .handle(call -> new SpecSchema(SpecSchemaText.SCHEMA)),
        Operation.post("/sandbox-templates/validate")
            .id("templates.validate")
            .summary("Checks a build specification and fills its defaults in.")
            .priority("P2")
            .scope("sandboxes:read")
            .reads()
            .idempotency(Idempotency.NATURAL)
            .errors(ErrorCode.INVALID_BUILDSPEC)
            .request(Validate.class)
            .response(Valid.class, Envelope.FLAT_MIRROR)
            .handle(this::validate),
        Operation.get("/sandbox-templates/:id/builds")
            .id("templates.list_builds")
            .summary("Lists the builds of a template, newest first.")
            .priority("P2")
            .scope("sandboxes:read")
            .errors(ErrorCode.TEMPLATE_NOT_FOUND)
            .list(TemplateBuildView.class)
            .handle(this::list),
        TemplatesApi.write(
                Operation.post("/sandbox-templates/:id/builds"),
                "start_build",
                "Builds a template again.")
            .priority("P2")
            .idempotency(Idempotency.KEY)
            .errors(
                ErrorCode.TEMPLATE_NOT_FOUND,
                ErrorCode.INVALID_BUILDSPEC,
                ErrorCode.QUOTA_EXCEEDED,
                ErrorCode.CONFLICT)
            .request(StartBuild.class)
            .response(TemplateBuildView.class, Envelope.FLAT_MIRROR)
            .status(201)
            .handle(this::start),
        Operation.get("/sandbox-template-builds/:id")
            .id("templates.get_build")
            .summary("Shows a build.")
            .priority("P2")
            .scope("sandboxes:read")
            .errors(ErrorCode.NOT_FOUND)
            .response(TemplateBuildView.class, Envelope.FLAT_MIRROR)
            .handle(call -> TemplateBuildView.of(build(call))),
        TemplatesApi.write(
                Operation.post("/sandbox-template-builds/:id/cancel"),
                "cancel_build",
                "Ends a build before its time; its log stays. A CONFLICT once it has ended.")
            .priority("P3")
            .idempotency(Idempotency.NATURAL)
            .errors(ErrorCode.NOT_FOUND, ErrorCode.CONFLICT)
            .response(TemplateBuildView.class, Envelope.FLAT_MIRROR)
            .handle(
                call -> TemplateBuildView.of(builder.cancel(call.principal(), call.path("id")))),
        Operation.get("/sandbox-template-builds/:id/logs")
            .id("templates.get_build_log")
            .summary("Shows lines of the log of a build.")
            .priority("P3")
            .scope("sandboxes:read")
            .query("from_line", "integer", "The first line, counted from 0; default 0.")
            .query("limit", "integer", "Most lines, at most 1000; default 100.")
            .errors(ErrorCode.NOT_FOUND, ErrorCode.NODE_UNAVAILABLE)
            .response(BuildLogPages.Lines.class, Envelope.FLAT_MIRROR)
            .handle(this::lines),
        Operation.get("/sandbox-template-builds/:id/logs/stream")
            .id("templates.stream_build_log")
            .summary("Follows the log of a build to its end.")
            .priority("P3")
            .scope("sandboxes:read")
            .errors(ErrorCode.NOT_FOUND, ErrorCode.NODE_UNAVAILABLE)
            .events()
            .run(call -> logs.follow(call, build(call))));
  }

  private Valid validate(Call call, Validate body) {
    Map<String, Object> spec = own.check(call.principal(), body.buildSpec()).wire();
    List<Warning> warnings =
        UnknownFields.of(Json.MAPPER.valueToTree(body.buildSpec())).stream()
            .map(found -> new Warning(found.code(), found.field(), found.message()))
            .toList();
    return new Valid(true, spec, List.of(), warnings);
  }

  private BuildLogPages.Lines lines(Call call) {
    int from = call.queryInt("from_line", 0, MOST_LINES).orElse(0);
    int most = call.queryInt("limit", 1, 1_000).orElse(USUAL_LINES);
    return pages.read(build(call), from, most);
  }

  private Page<TemplateBuildView> list(Call call) {
    String reference = call.rawPath("id");
    if (own.isBuiltIn(reference)) {
      return Page.whole(List.of());
    }
    OwnTemplate template = own.require(call.principal(), reference);
    return store
        .transaction(call.principal(), tx -> TemplateStore.builds(tx, template.id(), call.paging()))
        .map(TemplateBuildView::of);
  }

  private TemplateBuildView start(Call call, StartBuild body) {
    own.requireChangeable(call.rawPath("id"));
    OwnTemplates.Wish wish =
        new OwnTemplates.Wish(null, null, null, body.metadata(), body.buildSpec(), body.buildId());
    return TemplateBuildView.of(
        own.rebuild(call, wish, (template, build) -> TemplateBuildView.of(build)));
  }

  private Build build(Call call) {
    String id = call.path("id");
    return store
        .transaction(call.principal(), tx -> TemplateStore.build(tx, id))
        .orElseThrow(() -> AtollException.of(ErrorCode.NOT_FOUND, "build " + id));
  }
}
