package com.atoll.server.identity;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Json;
import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.store.Owned;
import com.atoll.server.store.SqlFaults;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import org.jooq.Record;
import org.jooq.exception.DataAccessException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/** Set-ups of machines that a workspace has saved under names. */
final class ComputerTemplates {
  private static final int MOST = 200;
  private static final int LARGEST = 32 << 10;
  private static final String SELECT =
      "select *, cast(settings as text) as setting_text from computer_templates ";

  private final Store store;

  ComputerTemplates(Store store) {
    this.store = store;
  }

  /** A set-up to save. */
  record New(
      @Doc(value = "Name, one of its kind in the workspace.", min = 1, max = 128) String name,
      @Doc(value = "What kind of machine it is.", max = 128) @Nullable String templateType,
      @Doc(value = "Its size.", pattern = "xs|small|medium|large|xl") @Nullable String size,
      @Doc(value = "Programs to be there.", max = 100) @Nullable List<String> selectedApps,
      @Doc("Settings of your own.") @Nullable Map<String, Object> settings) {}

  /** A set-up that is saved. */
  record View(
      @Doc("Its id.") String id,
      @Doc("Id of the organization.") String tenantId,
      @Doc("Id of the workspace.") String workspaceId,
      @Doc("Its name.") String name,
      @Doc("What kind of machine it is.") @Nullable String templateType,
      @Doc("Its size.") @Nullable String size,
      @Doc("Programs to be there.") List<String> selectedApps,
      @Doc("Settings of your own.") Map<String, Object> settings,
      @Doc("When it was saved.") Instant createdAt) {
    static View of(Record row) {
      String[] apps = row.get("selected_apps", String[].class);
      return new View(
          row.get("id", String.class),
          row.get("org", String.class),
          row.get("workspace_id", String.class),
          row.get("name", String.class),
          row.get("template_type", String.class),
          row.get("size", String.class),
          List.of(apps),
          Json.MAPPER.readValue(
              row.get("setting_text", String.class), new TypeReference<Map<String, Object>>() {}),
          row.get("created_at", OffsetDateTime.class).toInstant());
    }
  }

  Page<View> list(Call call) {
    Paging paging = call.paging();
    return store.transaction(
        call.principal(),
        tx -> {
          String workspace = WorkspaceReference.require(tx, call.path("id"));
          List<View> rows =
              tx.sql()
                  .fetch(
                      SELECT
                          + """
                          where workspace_id = ? and (cast(? as text) is null or id < ?)
                          order by id desc limit ? offset ?\
                          """,
                      workspace,
                      paging.after(),
                      paging.after(),
                      paging.limit() + 1,
                      paging.offset())
                  .map(View::of);
          return Page.of(rows, paging, count(tx, workspace), View::id);
        });
  }

  View create(Call call, New asked) {
    String settings =
        Json.MAPPER.writeValueAsString(asked.settings() == null ? Map.of() : asked.settings());
    if (settings.length() > LARGEST) {
      throw AtollException.invalid("settings", "must be at most " + LARGEST + " bytes of JSON");
    }
    List<String> apps = asked.selectedApps() == null ? List.of() : asked.selectedApps();
    if (apps.stream().anyMatch(app -> app == null || app.isEmpty() || app.length() > 128)) {
      throw AtollException.invalid("selected_apps", "must be names of at most 128 characters");
    }
    try {
      return store.transaction(
          call.principal(),
          tx -> {
            String workspace = WorkspaceReference.require(tx, call.path("id"));
            if (count(tx, workspace) >= MOST) {
              throw AtollException.of(ErrorCode.QUOTA_EXCEEDED, MOST + " templates of a workspace");
            }
            View view = insert(tx, workspace, asked, apps, settings);
            call.idempotentAnswer(tx, view, view.id());
            return view;
          });
    } catch (DataAccessException e) {
      throw SqlFaults.isDuplicate(e, "computer_templates_workspace_id_name_key")
          ? AtollException.of(ErrorCode.NAME_TAKEN, asked.name())
          : e;
    }
  }

  private static View insert(
      Tx tx, String workspace, New asked, List<String> apps, String settings) {
    String id = Ids.next("cpt");
    tx.sql()
        .execute(
            """
            insert into computer_templates (id, org, workspace_id, name, template_type, size,
              selected_apps, settings)
            values (?, ?, ?, ?, ?, ?, cast(? as text[]), cast(? as jsonb))\
            """,
            id,
            tx.org().value(),
            workspace,
            asked.name(),
            asked.templateType(),
            asked.size(),
            apps.toArray(String[]::new),
            settings);
    tx.event(
        Owned.WORKSPACE.event(
            tx,
            workspace,
            "computer_template.created",
            "computer_template",
            id,
            1,
            Map.of("name", asked.name())));
    return View.of(tx.sql().fetchSingle(SELECT + "where id = ?", id));
  }

  private static long count(Tx tx, String workspace) {
    return tx.sql()
        .fetchSingle("select count(*) from computer_templates where workspace_id = ?", workspace)
        .get(0, Long.class);
  }
}
