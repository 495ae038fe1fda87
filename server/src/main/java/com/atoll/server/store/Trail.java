package com.atoll.server.store;

import com.atoll.model.OrganizationId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Writes records of the audit log, in the transaction of what they tell. */
final class Trail {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** The columns that {@link #values} fills, and their places in a statement. */
  static final String COLUMNS =
      """
      org, action, resource_type, resource_id, workspace_id, project_id, external_workspace_id,
      external_user_id, external_project_id, data, actor_type, actor_id, actor_chain, operation,
      ip_address, client, request_id, epoch\
      """;

  static final String PLACES =
      """
      ?, ?, ?, ?, ?, ?, ?, coalesce(?, nullif(current_setting('atoll.external_user', true), '')), ?,
      cast(? as jsonb), ?, ?, ?, ?, ?, ?, ?, (select epoch from event_epoch)\
      """;

  static final String WRITE = "insert into audit_log (" + COLUMNS + ") values (" + PLACES + ")";

  /**
   * Writes when the transaction has changed anything, which is so when it was given a number; then
   * it answers a row.
   */
  static final String WRITE_IF_CHANGED =
      "insert into audit_log ("
          + COLUMNS
          + ") select "
          + PLACES
          + " where pg_current_xact_id_if_assigned() is not null returning 1";

  private Trail() {}

  /** The values of the record of a deed, whoever asks. */
  static List<@Nullable Object> values(Deed deed) {
    return values(deed.org(), deed.action(), deed.subject(), Map.of(), deed);
  }

  static List<@Nullable Object> values(
      OrganizationId org, String action, Deed.Subject about, Map<String, ?> data) {
    Deed deed = Deed.current();
    // A deed of one organization says nothing about who changed another one.
    return values(org, action, about, data, deed != null && deed.org().equals(org) ? deed : null);
  }

  private static List<@Nullable Object> values(
      OrganizationId org,
      String action,
      Deed.Subject about,
      Map<String, ?> data,
      @Nullable Deed deed) {
    List<@Nullable Object> values = new ArrayList<>();
    values.add(org.value());
    values.add(action);
    values.add(about.type());
    values.add(about.id());
    values.add(about.workspace());
    values.add(about.project());
    values.add(about.externalWorkspace());
    values.add(about.externalUser());
    values.add(about.externalProject());
    values.add(JSON.writeValueAsString(data));
    values.add(deed == null ? "system" : deed.actor().type());
    values.add(deed == null ? null : deed.actor().id());
    values.add(deed == null ? new String[0] : deed.actor().chain().toArray(String[]::new));
    values.add(deed == null ? null : deed.action());
    values.add(deed == null ? null : deed.origin().address());
    values.add(deed == null ? null : deed.origin().client());
    values.add(deed == null ? null : deed.origin().requestId());
    return values;
  }
}
