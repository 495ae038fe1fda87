package com.atoll.server.docs;

import static com.atoll.server.docs.Html.escape;

import com.atoll.model.ErrorCode;
import com.atoll.server.http.Operation;
import com.atoll.server.http.Operation.Declaration;
import com.atoll.server.http.Registry;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The pages of the reference, written from the registry and the table of errors. */
final class Pages {
  private Pages() {}

  static String reference(Registry registry) {
    Map<String, List<Declaration>> areas =
        registry.operations().stream()
            .map(Operation::declaration)
            .filter(d -> !d.hidden())
            .sorted(Comparator.comparing(Declaration::path).thenComparing(Declaration::method))
            .collect(Collectors.groupingBy(Declaration::area, TreeMap::new, Collectors.toList()));
    StringBuilder body = new StringBuilder();
    body.append("<h1>Atoll API</h1><p>Every operation is below <code>/api/v1</code>. The document ")
        .append("<a href=\"/openapi.json\">openapi.json</a> describes all fields; ")
        .append("<a href=\"/docs/errors\">errors</a> have a page each.</p>");
    areas.forEach((area, operations) -> area(body, area, operations));
    return Html.page("Atoll API", body.toString());
  }

  private static void area(StringBuilder body, String area, List<Declaration> operations) {
    body.append("<h2>").append(escape(area)).append("</h2><table>");
    for (Declaration d : operations) {
      body.append(d.implemented() ? "<tr>" : "<tr class=\"later\">")
          .append("<td><code>")
          .append(d.method())
          .append(' ')
          .append(escape(d.path()))
          .append("</code></td><td>")
          .append(escape(d.summary()))
          .append(d.implemented() ? "" : " <em>Not in this release.</em>")
          .append("</td></tr>");
    }
    body.append("</table>");
  }

  static String errors() {
    StringBuilder body = new StringBuilder("<h1>Errors</h1><table>");
    for (ErrorCode code : ErrorCode.values()) {
      row(body, code.status(), code.code(), code.cause());
    }
    body.append("</table><h2>Of previews, sites and calls out of sandboxes</h2><table>");
    for (GatewayError error : GatewayError.all()) {
      row(body, error.status(), error.code(), error.cause());
    }
    return Html.page("Errors of the Atoll API", body.append("</table>").toString());
  }

  private static void row(StringBuilder body, int status, String code, String cause) {
    body.append("<tr><td>")
        .append(status)
        .append("</td><td><a href=\"/docs/errors/")
        .append(code)
        .append("\"><code>")
        .append(code)
        .append("</code></a></td><td>")
        .append(escape(cause))
        .append("</td></tr>");
  }

  /** The page of a code, whoever answers with it. */
  static Optional<String> error(String name) {
    Optional<String> ofApi =
        Arrays.stream(ErrorCode.values())
            .filter(code -> code.code().equals(name))
            .findFirst()
            .map(code ->
                page(
                    code.code(),
                    code.status(),
                    code.template().replace("%s", "…"),
                    code.cause(),
                    code.fix()));
    return ofApi.or(() ->
        GatewayError.all().stream()
            .filter(error -> error.code().equals(name))
            .findFirst()
            .map(error ->
                page(error.code(), error.status(), error.message(), error.cause(), error.fix())));
  }

  private static String page(String code, int status, String message, String cause, String fix) {
    return Html.page(
        code,
        """
        <p><a href="/docs/errors">Errors</a></p>
        <h1><code>%s</code></h1>
        <p>Status %d. Message: <em>%s</em></p>
        <h2>Why</h2><p>%s</p>
        <h2>What to do</h2><p>%s</p>
        """
            .formatted(code, status, escape(message), escape(cause), escape(fix)));
  }
}
