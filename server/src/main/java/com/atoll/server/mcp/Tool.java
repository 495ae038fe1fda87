package com.atoll.server.mcp;

import com.atoll.server.docs.ToolSchemas;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Operation.Access;
import com.atoll.server.http.Operation.Declaration;
import com.atoll.server.http.Parameter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** An operation as a tool. */
record Tool(String name, Declaration operation) {
  private static final Pattern PARAMETER = Pattern.compile("[:*]([a-z_]+)");
  private static final Set<Envelope> ANSWERS =
      Set.of(
          Envelope.FLAT_MIRROR,
          Envelope.DATA,
          Envelope.FLAT,
          Envelope.LIST,
          Envelope.NO_CONTENT,
          Envelope.RAW);

  /** Whether an operation can be a tool: one question, one answer. */
  static boolean canBe(Declaration d) {
    return d.implemented()
        && !d.hidden()
        && !d.rawRequest()
        && d.access() == Access.CREDENTIAL
        && ANSWERS.contains(d.envelope());
  }

  /** Names of the parameters in the path. */
  List<String> pathParameters() {
    return PARAMETER
        .matcher(operation.path())
        .results()
        .map((MatchResult m) -> m.group(1))
        .toList();
  }

  /** Names of the parameters in the query. */
  List<String> queryParameters() {
    return operation.parameters().stream().map(Parameter::name).toList();
  }

  Map<String, Object> view() {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("name", name);
    view.put("description", operation.summary());
    view.put("inputSchema", ToolSchemas.input(operation, pathParameters()));
    view.put(
        "annotations",
        Map.of(
            "readOnlyHint", !operation.method().writes(),
            "destructiveHint", operation.method().name().equals("DELETE")));
    return view;
  }
}
