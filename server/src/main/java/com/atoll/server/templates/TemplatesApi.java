package com.atoll.server.templates;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.node.v1.Template;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.store.Store;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Find, make, change and delete templates. */
final class TemplatesApi {
  private final Templates templates;
  private final Book book;
  private final OwnTemplates own;
  private final Store store;

  TemplatesApi(Templates templates, Book book, OwnTemplates own, Store store) {
    this.templates = templates;
    this.book = book;
    this.own = own;
    this.store = store;
  }

  /** All templates. */
  record AllTemplates(
      @Doc("Id of the template that a create takes that names none.") String defaultTemplateId,
      @Doc("Templates: built-in ones by id, then the organization's own, newest first.")
          List<TemplateView> data) {}

  /** A template to make. */
  record CreateTemplate(
      @Doc(value = "Name.", max = 128) String name,
      @Doc(value = "Short name, good wherever an id is.", max = 63) @Nullable String slug,
      @Doc(value = "One sentence.", max = 1000) @Nullable String description,
      @Doc("How it is made; the schema is GET /sandbox-templates/build-spec.")
          Map<String, Object> buildSpec,
      @Doc("Free data of the caller.") @Nullable Map<String, Object> metadata,
      @Doc("Id that its build gets, made by the caller: bld_ and 26 characters, as others have.")
          @Nullable String buildId) {}

  /** What changes of a template; what is absent stays. */
  record UpdateTemplate(
      @Doc(value = "Name.", max = 128) @Nullable String name,
      @Doc(value = "Short name.", max = 63) @Nullable String slug,
      @Doc(value = "One sentence.", max = 1000) @Nullable String description,
      @Doc("How the next build makes it.") @Nullable Map<String, Object> buildSpec,
      @Doc("Free data of the caller.") @Nullable Map<String, Object> metadata) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        Operation.get("/sandbox-templates")
            .id("templates.list")
            .summary("Lists the templates that sandboxes start from.")
            .priority("P1")
            .scope("sandboxes:read")
            .query("include_aliases", "boolean", "Accepted; every row names its aliases.")
            .errors(ErrorCode.NODE_UNAVAILABLE)
            .response(AllTemplates.class, Envelope.FLAT)
            .handle(this::list),
        Operation.get("/sandbox-templates/:id")
            .id("templates.get")
            .summary("Shows a template, by id, slug or alias.")
            .priority("P1")
            .scope("sandboxes:read")
            .errors(ErrorCode.TEMPLATE_NOT_FOUND, ErrorCode.NODE_UNAVAILABLE)
            .response(TemplateView.class, Envelope.FLAT_MIRROR)
            .handle(this::get),
        write(Operation.post("/sandbox-templates"), "create", "Makes a template and builds it.")
            .priority("P2")
            .idempotency(Idempotency.KEY)
            .errors(ErrorCode.INVALID_BUILDSPEC, ErrorCode.QUOTA_EXCEEDED, ErrorCode.CONFLICT)
            .request(CreateTemplate.class)
            .response(TemplateView.class, Envelope.FLAT_MIRROR)
            .status(201)
            .handle(this::create),
        write(Operation.patch("/sandbox-templates/:id"), "update", "Changes a template.")
            .priority("P3")
            .idempotency(Idempotency.NATURAL)
            .errors(ErrorCode.INVALID_BUILDSPEC, ErrorCode.TEMPLATE_NOT_FOUND)
            .request(UpdateTemplate.class)
            .response(TemplateView.class, Envelope.FLAT_MIRROR)
            .handle((call, body) -> view(own.update(call.principal(), mine(call), wish(body)))),
        write(
                Operation.delete("/sandbox-templates/:id"),
                "delete",
                "Deletes a template that nothing stands on.")
            .priority("P2")
            .idempotency(Idempotency.NATURAL)
            .errors(ErrorCode.TEMPLATE_IN_USE, ErrorCode.TEMPLATE_NOT_FOUND, ErrorCode.FORBIDDEN)
            .run(call -> own.delete(call.principal(), mine(call))));
  }

  /** Templates have no workspace and no end user: whoever changes one changes it for all. */
  static OperationBuilder<NoBody, NoBody> write(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return operation
        .id("templates." + name)
        .summary(summary)
        .scope("sandboxes:write")
        .ofWholeOrganization();
  }

  private AllTemplates list(Call call) {
    List<TemplateView> all = new ArrayList<>();
    templates.list().forEach(template -> all.add(builtIn(template)));
    store
        .transaction(call.principal(), TemplateStore::all)
        .forEach(template -> all.add(view(template)));
    return new AllTemplates(Book.USUAL, all);
  }

  private TemplateView get(Call call) {
    String reference = call.rawPath("id");
    Optional<String> builtIn = book.builtIn(reference).or(() -> standIn(call, reference));
    if (builtIn.isPresent()) {
      return templates
          .find(builtIn.get())
          .map(this::builtIn)
          .orElseThrow(() -> AtollException.of(ErrorCode.TEMPLATE_NOT_FOUND, reference));
    }
    return view(own.require(call.principal(), reference));
  }

  private Optional<String> standIn(Call call, String reference) {
    return Book.standIn(reference)
        .filter(id ->
            store.transaction(call.principal(), tx -> TemplateStore.find(tx, reference)).isEmpty());
  }

  private TemplateView create(Call call, CreateTemplate body) {
    OwnTemplates.Wish wish =
        new OwnTemplates.Wish(
            body.name(),
            body.slug(),
            body.description(),
            body.metadata(),
            body.buildSpec(),
            body.buildId());
    return view(own.create(call, wish, (template, build) -> view(template)));
  }

  private static OwnTemplates.Wish wish(UpdateTemplate body) {
    return new OwnTemplates.Wish(
        body.name(), body.slug(), body.description(), body.metadata(), body.buildSpec(), null);
  }

  /** The template of the path, which may be changed: no built-in one. */
  private String mine(Call call) {
    String reference = call.rawPath("id");
    own.requireChangeable(reference);
    return reference;
  }

  private TemplateView builtIn(Template template) {
    return TemplateView.of(template, book.builtIns().get(template.getId()), Book.USUAL);
  }

  private TemplateView view(OwnTemplate template) {
    return TemplateView.of(template, templates.remembered(template.currentBuildId()));
  }
}
