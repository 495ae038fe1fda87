package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Archived snapshots on their way from one place to another. */
final class Transfers {
  private Transfers() {}

  /** A new snapshot of a sandbox, once its copy is whole. */
  static String archive(Api api, Sandbox sandbox, boolean evict) {
    String id = api.post(sandbox.at("/snapshots"), Map.of()).expect(201).string("id");
    api.post("/snapshots/" + id + "/archive", Map.of("evict", evict)).expect(202);
    Given.eventually(
        120,
        id + " is archived",
        () -> {
          JsonNode now = row(api, id).path("archive");
          return now.path("status").asString().equals("archived")
              && now.path("local").asBoolean() != evict;
        },
        () -> row(api, id).toString());
    return id;
  }

  static String ticket(Api api, String snapshot) {
    return api.post("/snapshots/" + snapshot + "/ticket", Map.of()).expect(201).string("ticket");
  }

  static JsonNode row(Api api, String id) {
    return api.get("/snapshots/" + id).expect(200).json().path("data");
  }

  static void awaitReady(Api api, String id) {
    Given.eventually(
        120,
        id + " is ready",
        () -> {
          String status = row(api, id).path("status").asString();
          if (status.equals("failed")) {
            throw new AssertionError(row(api, id).toString());
          }
          return status.equals("ready");
        },
        () -> row(api, id).toString());
  }

  /** It has the file, the variable and the service that the sources of these tests have. */
  static void isAsTheSource(Api api, Sandbox moved) {
    assertEquals("kept", moved.file("/workspace/file"));
    assertEquals("sealed", moved.run("echo $SECRET"));
    Given.eventually(
        30,
        "its service runs",
        () ->
            api.get(moved.at("/services/tick")).string("status").equals("running")
                && api.get(moved.at("/services/tick/logs")).text().contains("tock"));
  }
}
